import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8, InputError, shape } from '@fiducia/core'
import { writeDurably } from '@fiducia/engine'
import { ResearchError } from '@fiducia/research'
import { MAX_COHORT_PERSONS, MAX_COHORTS } from '../limits.ts'

/**
 * For which cohorts a site has answered: two answers about nearly the same persons tell about those in whom they differ. Persons are kept as digests
 * under a key of this file alone, so that a leaf of it says nothing without the rest.
 */
export interface CohortMemory {
  readonly cohorts: readonly ReadonlySet<string>[]
  digestsOf(persons: readonly string[]): ReadonlySet<string>
  /** Durable when it returns; what is there already is not kept twice. */
  keep(cohorts: readonly (readonly string[])[]): void
}

const { array, object, string } = shape
const digest = string(/^[A-Za-z0-9_-]{22}$/, 'a digest')
const parseMemory = object({ key: string(/^[A-Za-z0-9_-]{43}$/, 'a key'), cohorts: array(array(digest, MAX_COHORT_PERSONS), MAX_COHORTS) })

const KEY_BYTES = 32
const DIGEST_BYTES = 16

/** Throws `STUDY_SITE_POLICY` for a file that is none: what the site forgot it could answer for again. */
export function openCohortMemory(file: string): CohortMemory {
  const kept = existsSync(file) ? readMemory(file) : { key: encodeBase64Url(randomBytes(KEY_BYTES)), cohorts: [] }
  const key = decodeBase64Url(kept.key)
  const digestOf = (person: string): string => createHmac('sha256', key).update(person).digest().subarray(0, DIGEST_BYTES).toString('base64url')
  const digestsOf = (persons: readonly string[]): ReadonlySet<string> => new Set(persons.map(digestOf))
  const cohorts = kept.cohorts.map((digests) => new Set(digests))
  return {
    cohorts,
    digestsOf,
    keep(answered) {
      const fresh = answered
        .map(digestsOf)
        .filter((one) => !cohorts.some((earlier) => earlier.size === one.size && [...one].every((digest) => earlier.has(digest))))
      if (fresh.length === 0) return
      if (cohorts.length + fresh.length > MAX_COHORTS)
        throw new ResearchError(
          'STUDY_SITE_POLICY',
          `expected at most ${MAX_COHORTS} cohorts in the site's memory, found ${cohorts.length + fresh.length} with this study`,
        )
      const all = [...cohorts, ...fresh].map((one) => [...one].toSorted())
      writeDurably(file, encodeUtf8(`${JSON.stringify({ key: kept.key, cohorts: all })}\n`))
    },
  }
}

function readMemory(file: string): ReturnType<typeof parseMemory> {
  try {
    return parseMemory(JSON.parse(decodeUtf8(readFileSync(file))), '')
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof InputError)
      throw new ResearchError('STUDY_SITE_POLICY', 'expected the cohorts that the site answered for, found a file that is none')
    throw error
  }
}
