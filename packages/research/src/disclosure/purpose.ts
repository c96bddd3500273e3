import { ALLOWED, forbid, type Ruling } from './ruling.ts'

/**
 * Data use as GA4GH's Data Use Ontology (DUO) words it. A site's policy and the consent of those whom the data is about each grant
 * one permission with conditions; a study names one purpose. All grants have to permit it. A code that is not in these tables is refused:
 * what nobody here understands cannot be kept.
 */
export interface DataUse {
  readonly permission: string
  /** Codes of conditions, such as `DUO:0000021` (ethics approval required). */
  readonly conditions?: readonly string[]
  /** Of a disease-specific permission: the diseases as codes, such as `MONDO:0005148`. */
  readonly diseases?: readonly string[]
}

export interface StudyPurpose {
  readonly code: string
  /** Of disease-specific research: the one disease. */
  readonly disease?: string
  readonly ethicsReference?: string
  /** By organizations without profit, for no commercial use. Absent: not said, so not so. */
  readonly nonCommercial?: boolean
}

const GENERAL = 'DUO:0000042'
const NO_RESTRICTION = 'DUO:0000004'
const BIOMEDICAL = 'DUO:0000006'
const DISEASE = 'DUO:0000007'
const ORIGINS = 'DUO:0000011'
const METHODS = 'DUO:0000031'

/** Purposes by code: what they are called, and which permissions cover them whatever the disease. */
const PURPOSES: ReadonlyMap<string, { readonly name: string; readonly coveredBy: readonly string[] }> = new Map([
  [GENERAL, { name: 'general research', coveredBy: [NO_RESTRICTION, GENERAL] }],
  [BIOMEDICAL, { name: 'health, medical or biomedical research', coveredBy: [NO_RESTRICTION, GENERAL, BIOMEDICAL] }],
  [DISEASE, { name: 'disease-specific research', coveredBy: [NO_RESTRICTION, GENERAL, BIOMEDICAL] }],
  [ORIGINS, { name: 'research on population origins or ancestry', coveredBy: [NO_RESTRICTION, GENERAL, ORIGINS] }],
  [METHODS, { name: 'development of methods', coveredBy: [NO_RESTRICTION, GENERAL, BIOMEDICAL] }],
  ['DUO:0000037', { name: 'biomedical research', coveredBy: [NO_RESTRICTION, GENERAL, BIOMEDICAL] }],
  ['DUO:0000039', { name: 'drug development', coveredBy: [NO_RESTRICTION, GENERAL, BIOMEDICAL] }],
  ['DUO:0000033', { name: 'ancestry research', coveredBy: [NO_RESTRICTION, GENERAL, ORIGINS] }],
])

const PERMISSIONS: ReadonlySet<string> = new Set([NO_RESTRICTION, GENERAL, BIOMEDICAL, DISEASE, ORIGINS])

/** Conditions that can be judged from a spec. Those that need a person (time limits, regions, users, return of results) are refused as unknown. */
const CONDITIONS: ReadonlyMap<string, (purpose: StudyPurpose) => string | undefined> = new Map([
  ['DUO:0000015', (purpose) => (purpose.code === METHODS ? 'no general methods research is permitted' : undefined)],
  ['DUO:0000021', (purpose) => ((purpose.ethicsReference ?? '').trim() === '' ? 'expected a reference to an ethics approval' : undefined)],
  ['DUO:0000018', nonCommercialOnly],
  ['DUO:0000045', nonCommercialOnly],
  ['DUO:0000046', nonCommercialOnly],
  ['DUO:0000044', (purpose) => (isOrigins(purpose) ? 'no research on population origins or ancestry is permitted' : undefined)],
])

/** What a code is called in words; undefined for one that is not known here. */
export const purposeName = (code: string): string | undefined => PURPOSES.get(code)?.name

/** Judges a study's purpose against every grant: the site's policy first, then the consents. Without any grant nothing is permitted. */
export function checkPurpose(purpose: StudyPurpose, grants: readonly DataUse[]): Ruling {
  const known = PURPOSES.get(purpose.code)
  if (known === undefined) return forbid('purpose', `the purpose \`${purpose.code}\` is none that is known here`)
  if (purpose.code === DISEASE && purpose.disease === undefined) return forbid('purpose', 'expected the disease of disease-specific research')
  if (grants.length === 0) return forbid('purpose', 'no permission was given')
  for (const grant of grants) {
    const reason = reasonAgainst(purpose, known, grant)
    if (reason !== undefined) return forbid('purpose', reason)
  }
  return ALLOWED
}

function reasonAgainst(purpose: StudyPurpose, known: { readonly name: string; readonly coveredBy: readonly string[] }, grant: DataUse): string | undefined {
  if (!PERMISSIONS.has(grant.permission)) return `the permission \`${grant.permission}\` is none that is known here`
  if (!known.coveredBy.includes(grant.permission) && !isForThisDisease(purpose, grant)) return `\`${grant.permission}\` does not cover ${known.name}`
  for (const code of grant.conditions ?? []) {
    const condition = CONDITIONS.get(code)
    const reason = condition === undefined ? `the condition \`${code}\` cannot be judged here` : condition(purpose)
    if (reason !== undefined) return reason
  }
  return undefined
}

const isForThisDisease = (purpose: StudyPurpose, grant: DataUse): boolean =>
  grant.permission === DISEASE && purpose.code === DISEASE && purpose.disease !== undefined && (grant.diseases ?? []).includes(purpose.disease)

const isOrigins = (purpose: StudyPurpose): boolean => purpose.code === ORIGINS || purpose.code === 'DUO:0000033'

function nonCommercialOnly(purpose: StudyPurpose): string | undefined {
  return purpose.nonCommercial === true ? undefined : 'expected a study without commercial use, by organizations without profit'
}
