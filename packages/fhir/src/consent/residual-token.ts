import { couldPermit, exceptionsOf, type Grant, type Question, type Scope, speaksOf } from '@fiducia/consent'
import { InputError } from '@fiducia/core'
import type { PreparedCase } from './decide-case.ts'
import { NOBODYS } from './patients.ts'
import { encodeProvision, type JsonObject } from './encode-provision.ts'
import { SYSTEMS } from './terminology.ts'

/**
 * The claims of an access token as IHE PCF 1.1 adds them to ITI-71 (`ihe_pcf` beside `ihe_iua`): what a consent enforcement
 * point that asks nobody else still has to filter. A residual can say "forbid this" or "forbid everything but this", and a
 * permit in it overrides every forbid. Where a deny cuts into what a permit opens, that cannot be said: then there is no
 * token, since one that says less would release more.
 */
export type TokenAnswer = { readonly token: JsonObject } | { readonly refused: string }

/** `base` is the FHIR base URL of the consents and the patient; without it their references stay relative. */
export function residualToken({ question, policies, given, patient, compiled }: PreparedCase, base?: string): TokenAnswer {
  const [pool] = policies
  if (pool === undefined || pool.policy === 'unreadable' || given.consents.some(({ profile }) => profile === 'native')) {
    throw new InputError('SHAPE', 'expected FHIR Consents in force and no native policy: a token speaks of Consents', { at: 'consents' })
  }
  if (question.default !== 'deny') throw new InputError('SHAPE', 'expected `deny`: a residual cannot say what a default permits', { at: 'default' })
  if (!compiled.every(couldPermit)) return { refused: 'nothing may go to this actor for this purpose' }
  const { grants } = pool.policy
  const residuals = question.purposes.map((purpose) => residualOf(grants, question, purpose))
  const refused = residuals.find((one) => typeof one === 'string')
  if (refused !== undefined) return { refused }
  if (new Set(residuals.map((one) => JSON.stringify(one))).size !== 1) return { refused: 'the purposes leave different data to filter: ask for one at a time' }
  const [residual = []] = residuals.filter((one) => typeof one !== 'string')
  const absolute = (reference: string): string => (base === undefined || /^[a-z]+:/i.test(reference) ? reference : `${base.replace(/\/$/, '')}/${reference}`)
  return {
    token: {
      extensions: {
        ihe_iua: { purpose_of_use: question.purposes.map((code) => ({ system: SYSTEMS.purpose, code })) },
        ihe_pcf: {
          ...(patient === undefined || patient === NOBODYS ? {} : { patient_id: absolute(patient) }),
          doc_id: [...new Set(pool.origins.map(({ consent }) => consent))].map(absolute),
          ...(residual.length === 0 ? {} : { residual }),
        },
      },
    },
  }
}

/** What is left to filter for one purpose, or why that cannot be said. */
function residualOf(grants: readonly Grant[], question: Question, purpose: string): readonly JsonObject[] | string {
  const speaking = grants.filter((grant) => speaksOf(grant, question, purpose, grant.effect === 'deny'))
  const permits = speaking.filter(({ effect }) => effect === 'permit')
  const denies = speaking.filter(({ effect }) => effect === 'deny').filter((deny) => !isOpened(deny, question, purpose))
  const permitsAll = permits.some(isUnlimited)
  if (permits.length === 0) return 'nothing may go to this actor for this purpose'
  if (denies.some((deny) => isUnlimited(deny) && exceptionsOf(deny).length === 0)) return 'everything is denied to this actor for this purpose'
  const cutting = denies.filter((deny) => !permits.every((permit) => opens(permit, deny)))
  if (permitsAll && denies.every((deny) => exceptionsOf(deny).length === 0)) return encodeAll('forbid', denies)
  // A deny that every permit opens says no more than "forbid everything but".
  if (cutting.length > 0) return 'a deny cuts into what is permitted, which a residual cannot say'
  const opened = encodeAll('permit', permits)
  return typeof opened === 'string' ? opened : [{ type: 'forbid' }, ...opened]
}

/** Whether the permit is one of the deny's exceptions, word for word. */
function opens({ effect: _e, except: _x, ...scope }: Grant, deny: Grant): boolean {
  const text = JSON.stringify(scope)
  return exceptionsOf(deny).some((one) => JSON.stringify(one) === text)
}

/** Whether an exception takes the whole deny away for this question. */
const isOpened = (deny: Grant, question: Question, purpose: string): boolean =>
  exceptionsOf(deny).some((scope) => speaksOf(scope, question, purpose, false) && isUnlimited(scope))

const isUnlimited = ({ data, within }: Scope): boolean => data === undefined && within?.sources === undefined && within?.authors === undefined

function encodeAll(type: 'forbid' | 'permit', grants: readonly Grant[]): readonly JsonObject[] | string {
  const encoded: JsonObject[] = []
  for (const { data = {}, within } of grants) {
    const { items, period, confidentiality, sensitivity, ...rest } = data
    if (Object.keys(rest).length > 0 || within?.sources !== undefined || within?.authors !== undefined)
      return 'a rule by type, code, source or author cannot be said in a residual'
    const labels = { ...(confidentiality === undefined ? {} : { confidentiality }), ...(sensitivity === undefined ? {} : { sensitivity }) }
    const scope = { data: { ...(items === undefined ? {} : { items }), ...(period === undefined ? {} : { period }) } }
    const { type: _, ...provision } = encodeProvision('permit', scope, labels, { contained: [] })
    encoded.push({ type, ...provision })
  }
  return encoded
}
