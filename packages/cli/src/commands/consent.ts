import { describePolicy, parsePolicy, type Policy } from '@fiducia/consent'
import { InputError, shape } from '@fiducia/core'
import {
  type CaseReason,
  createWorld,
  decideCase,
  explainCase,
  exportConsent,
  importConsent,
  parseConsentCase,
  prepareCase,
  type Profile,
  referenceOf,
  residualToken,
  type ResourceExplanation,
  standingOf,
} from '@fiducia/fhir'
import { type Answer, UsageError } from '../output.ts'
import { readTextInput } from '../read-input.ts'
import { type FoundResource, readResources } from '../read-resources.ts'
import { tableOf } from '../table.ts'

/** `fiducia consent …`: decide, import, export, token. The work is the pure functions of `consent` and `fhir`. */

/** The decision on a case; for people a few lines, with `--json` the document of the contract. */
export function decide(caseText: string): Answer {
  const { exitCode, output } = decideCase(caseText)
  const { decision, reasons, released, withheld } = output
  const lines = [
    decision,
    ...reasons.map(reasonLine),
    ...(released === undefined ? [] : [`released: ${released.length === 0 ? 'nothing' : released.join(', ')}`]),
    ...(withheld ?? []).map(({ ref, code }) => `withheld: ${ref} (${code})`),
  ]
  return { exitCode, json: output, text: lines.join('\n') }
}

function reasonLine({ code, consent, rule, resources = [], detail }: CaseReason): string {
  const place = [consent, rule].filter((part) => part !== undefined).join(' ')
  return `  ${code}${place === '' ? '' : ` ${place}`}: ${detail}${resources.length === 0 ? '' : ` (${resources.join(', ')})`}`
}

/** The decision as a table: each resource, each rule of each consent, whether it matched, and why not. */
export function explain(caseText: string): Answer {
  const explanation = explainCase(caseText)
  const { decision, consents, resources } = explanation
  const lines = [decision, ...consents.map(reasonLine), ...resources.flatMap(explainedLines)]
  return { exitCode: decision === 'permit' ? 0 : 1, json: explanation, text: lines.join('\n') }
}

function explainedLines({ ref, outcome, code, meaning, rules }: ResourceExplanation): readonly string[] {
  const several = new Set(rules.map(({ purpose }) => purpose)).size > 1
  const rows = rules.map(({ consent, rule, matched, why, sentence, purpose }) => [
    `${consent} ${rule}`,
    ...(several ? [purpose ?? ''] : []),
    matched,
    why,
    sentence,
  ])
  const table = rules.length === 0 ? [] : tableOf([['rule', ...(several ? ['purpose'] : []), 'matched', 'because', 'what it says'], ...rows], 100)
  return ['', `${ref}: ${outcome} (${code}: ${meaning})`, ...table.map((line) => `  ${line}`)]
}

export interface ImportFlags {
  readonly profile: string
  readonly references?: string
  readonly at?: string
}

interface Imported {
  readonly consent: string
  readonly outcome: 'imported' | 'ignored' | 'refused'
  /** Why it is ignored or refused. */
  readonly reason?: string
  readonly policy?: Policy
  /** The policy in plain words, one sentence for each grant. */
  readonly text?: readonly string[]
  /** What to know about the policy besides. */
  readonly notes?: readonly string[]
}

/** Every Consent of a file: the policy it means, or why not. Exit code 1 if one cannot be represented. */
export function importConsents(path: string, flags: ImportFlags): Answer {
  const profile = profileOf(flags.profile)
  const at = flags.at === undefined ? Date.now() : Date.parse(flags.at)
  if (!Number.isSafeInteger(at)) throw new UsageError('BAD_OPTION', `expected an instant such as \`2024-06-01T00:00:00Z\` for --at, found \`${flags.at}\``)
  const references = flags.references === undefined ? [] : readResources(flags.references, 'the resources that references lead to')
  const reading = { profile, at, world: createWorld(references.map(({ resource }) => resource)), contained: [], byTypeAndId: false }
  const consents = readResources(path, 'Consents').map((found) => importOne(found, reading))
  const count = (outcome: Imported['outcome']): number => consents.filter((one) => one.outcome === outcome).length
  const json = { imported: count('imported'), ignored: count('ignored'), refused: count('refused'), consents }
  const summary = `${json.imported} imported, ${json.ignored} ignored, ${json.refused} cannot be represented`
  return { exitCode: json.refused === 0 ? 0 : 1, json, text: [...consents.flatMap(importedLines), summary].join('\n') }
}

function importOne({ resource, at }: FoundResource, options: Parameters<typeof importConsent>[1]): Imported {
  const consent = referenceOf(resource) ?? (at === '' ? 'the consent' : at)
  try {
    if (!shape.isObject(resource)) throw new InputError('SHAPE', 'expected a Consent, found another value')
    if (standingOf(resource) === 'ignored') return { consent, outcome: 'ignored', reason: 'it is not active, or about something other than privacy' }
    const policy = parsePolicy({ v: 1, grants: importConsent(resource, options).map(({ grant }) => grant) })
    return { consent, outcome: 'imported', policy, text: describePolicy(policy), ...notesOn(policy) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { consent, outcome: 'refused', reason: error.message }
  }
}

/** Names that led nowhere change whom a policy means; whoever imports should know. */
function notesOn(policy: Policy): { readonly notes?: readonly string[] } {
  const unresolved = JSON.stringify(policy).split('"unresolved"').length - 1
  if (unresolved === 0) return {}
  return { notes: [`${unresolved} ${unresolved === 1 ? 'reference leads' : 'references lead'} to nothing here: a deny means everybody by it, a permit nobody`] }
}

function importedLines({ consent, outcome, reason, text = [], notes = [] }: Imported): readonly string[] {
  const heading = outcome === 'imported' ? consent : `${consent}: ${outcome === 'ignored' ? 'ignored' : 'cannot be represented'}: ${reason ?? ''}`
  return [heading, ...text.map((sentence) => `  ${sentence}`), ...notes.map((note) => `  note: ${note}`), '']
}

export interface ExportFlags {
  readonly profile: string
  readonly patient: string
  readonly date: string
  readonly id?: string
  readonly performer?: string
  readonly organization?: string
  readonly source?: string
  readonly policyUri?: string
}

/** A policy as a FHIR Consent that means the same. Exit code 1 with the reason where none does. */
export function exportPolicy(path: string, flags: ExportFlags): Answer {
  const profile = profileOf(flags.profile)
  const policy = parsePolicy(parseJson(readTextInput(path, 'a policy document'), path))
  const { patient, date, id, performer, organization, source, policyUri } = flags
  const envelope = {
    patient,
    dateTime: date,
    ...(id === undefined ? {} : { id }),
    ...(performer === undefined ? {} : { performer }),
    ...(organization === undefined ? {} : { organization }),
    ...(source === undefined ? {} : { source }),
    ...(policyUri === undefined ? {} : { policyUri }),
  }
  try {
    const consent = exportConsent(policy, profile, envelope)
    return { exitCode: 0, json: consent, text: JSON.stringify(consent, null, 2) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { exitCode: 1, json: { refused: error.message }, text: `no Consent of the profile ${profile} means the same: ${error.message}` }
  }
}

/** The claims that IHE PCF adds to an access token. Exit code 1 with the reason where no token may be given. */
export function tokenFor(caseText: string, base: string | undefined): Answer {
  const answer = residualToken(prepareCase(parseConsentCase(caseText)), base)
  if ('refused' in answer) return { exitCode: 1, json: answer, text: `no token: ${answer.refused}` }
  return { exitCode: 0, json: answer.token, text: JSON.stringify(answer.token, null, 2) }
}

function profileOf(text: string): Profile {
  if (text === 'r4' || text === 'pcf') return text
  throw new UsageError('BAD_OPTION', `expected \`r4\` or \`pcf\` for --profile, found \`${text}\``)
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError('JSON_SYNTAX', 'expected a policy document as JSON, found other text', path)
  }
}
