import { readFileSync } from 'node:fs'
import { shape } from '@fiducia/core'
import { decideCase } from '@fiducia/fhir'
import { expect, it } from 'vitest'

/** Every example of docs/reference/consent.md, run as it stands there. */
const page = readFileSync(new URL('../../../docs/reference/consent.md', import.meta.url), 'utf8')
const blocks = (kind: string) => [...page.matchAll(new RegExp(`\\*\\*([^*]+)\\*\\*[^*]*?\`\`\`json ${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))]
const base = JSON.parse(/```json base\n([\s\S]*?)```/.exec(page)?.[1] ?? '')

interface Example {
  readonly consents: readonly (readonly [profile: string, provision: object, more?: { readonly policyRule?: string }])[]
  readonly default?: string
  readonly request?: object
  readonly released: readonly string[]
}

const coding = (name: string, code: string) => ({ system: `http://terminology.hl7.org/CodeSystem/${name}`, code })

/** The page writes codes and references short; a Consent spells them out. */
function spell(provision: unknown): unknown {
  if (!shape.isObject(provision)) return provision
  const lists: { readonly [element: string]: (text: string) => unknown } = {
    purpose: (text) => coding('v3-ActReason', text),
    securityLabel: (text) => coding(text.length === 1 ? 'v3-Confidentiality' : 'v3-ActCode', text),
    actor: (text) => ({ role: { coding: [coding('v3-ParticipationType', text.split(' ')[0] ?? '')] }, reference: { reference: text.split(' ')[1] } }),
    data: (text) => ({ meaning: text.split(' ')[0], reference: { reference: text.split(' ')[1] } }),
  }
  return Object.fromEntries(
    Object.entries(provision).map(([name, value]) => {
      const write = lists[name]
      if (name === 'provision' && Array.isArray(value)) return [name, value.map(spell)]
      return [name, write !== undefined && Array.isArray(value) ? value.map((one) => write(String(one))) : value]
    }),
  )
}

function consentOf([profile, provision, more = {}]: Example['consents'][number], i: number): object {
  const { policyRule, ...rest } = more
  return {
    profile,
    resource: {
      resourceType: 'Consent',
      id: `c${i}`,
      status: 'active',
      scope: { coding: [coding('consentscope', 'patient-privacy')] },
      patient: { reference: 'Patient/1' },
      ...(policyRule === undefined ? {} : { policyRule: { coding: [coding('v3-ActCode', policyRule)] } }),
      provision: spell(provision),
      ...rest,
    },
  }
}

it('has an example in every section that decides something', () => {
  expect(blocks('example').length).toBeGreaterThanOrEqual(19)
})

it.each(blocks('example').map(([, title, text]) => [title, text] as const))('%s', (_, text) => {
  const { consents, released, request, ...more }: Example = JSON.parse(text ?? '')
  const document = { ...base, ...more, request: { ...base.request, ...request }, consents: consents.map(consentOf) }
  const { output } = decideCase(JSON.stringify(document))
  expect(output.released?.map((ref) => ref.replace('Observation/', ''))).toEqual(released)
})
