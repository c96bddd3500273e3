import { InputError, shape } from '@fiducia/core'
import { checkPurpose, type DataUse, type StudyPurpose } from '../disclosure/purpose.ts'
import { checkStudyPolicy, type DisclosurePolicy } from '../disclosure/rules.ts'
import { enforce } from '../disclosure/ruling.ts'
import { ResearchError } from '../errors.ts'
import { MAX_DATA_USE_CODES, MAX_NAME, MAX_PATH } from '../limits.ts'
import { DEFAULT_DISCLOSURE, type StudySpec } from './spec.ts'

/**
 * What a site allows, in its own words, whatever a study says: it wins over the study's rules, it says for what its data and each person's may be
 * used, and it remembers for whom it has answered. Files are named as seen from the policy's own folder.
 */
export interface SitePolicy extends DisclosurePolicy {
  /** For what the site gives its data; null where consents alone say so. */
  readonly dataUse: DataUse | null
  /** The column that names the person; null where each row is known by what stands in it. */
  readonly person: string | null
  /** The column with the person's own permission, such as `DUO:0000042`, or `DUO:0000007 MONDO:0005148`; a row without one has none. */
  readonly consent: string | null
  /** A file of persons who withdrew, one on each line; it is read again before each round. */
  readonly withdrawals: string | null
  /** The file in which the site keeps for which cohorts it has answered. */
  readonly cohorts: string | null
}

const { array, nullable, object, text } = shape

const code = shape.string(/^[A-Z][A-Za-z]{1,15}:[0-9A-Za-z._-]{1,32}$/, 'a code such as `DUO:0000042`')
const codes = array(code, MAX_DATA_USE_CODES)

const parseDataUse: shape.Parser<DataUse> = object({ permission: code }, { conditions: codes, diseases: codes })

const parseParts = object(
  {},
  {
    minimumCell: shape.integer(1, 1_000_000),
    maxParametersPerRow: share,
    dataUse: nullable(parseDataUse),
    person: nullable(text(MAX_NAME)),
    consent: nullable(text(MAX_NAME)),
    withdrawals: nullable(text(MAX_PATH)),
    cohorts: nullable(text(MAX_PATH)),
  },
)

function share(value: unknown, at: string): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value
  throw new InputError('SHAPE', 'expected a number above 0, 1 at most', { at })
}

/** Throws `STUDY_SITE_POLICY`. */
export function parseSitePolicy(value: unknown): SitePolicy {
  try {
    const policy = { ...DEFAULT_DISCLOSURE, ...NOTHING, ...parseParts(value, '') }
    if (policy.withdrawals !== null && policy.person === null)
      throw new InputError('SHAPE', 'expected the column of the `person` with `withdrawals`', { at: 'person' })
    return policy
  } catch (error) {
    if (error instanceof InputError) throw new ResearchError('STUDY_SITE_POLICY', error.message)
    throw error
  }
}

const NOTHING = { dataUse: null, person: null, consent: null, withdrawals: null, cohorts: null } as const

/** Throws `STUDY_POLICY` with the rule for which the site does not take part. */
export function enforceSitePolicy(policy: SitePolicy, spec: StudySpec): void {
  enforce(checkStudyPolicy(policy, spec.disclosure))
  if (policy.dataUse !== null) enforce(checkPurpose(purposeOf(spec), [policy.dataUse]))
}

/** Whether a person's own words permit the study; what is not understood does not. */
export function isPermittedBy(consent: string, spec: StudySpec): boolean {
  const [permission, ...others] = consent.split(/\s+/).filter((one) => one !== '')
  if (permission === undefined) return false
  const conditions = others.filter((one) => one.startsWith('DUO:'))
  const diseases = others.filter((one) => !one.startsWith('DUO:'))
  return checkPurpose(purposeOf(spec), [{ permission, conditions, diseases }]).allowed
}

function purposeOf({ purpose, disease, ethics, nonCommercial }: StudySpec): StudyPurpose {
  return {
    code: purpose,
    ...(disease === undefined ? {} : { disease }),
    ...(ethics === undefined ? {} : { ethicsReference: ethics }),
    ...(nonCommercial === undefined ? {} : { nonCommercial }),
  }
}
