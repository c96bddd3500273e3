import * as client from '@fiducia/client'
import * as consent from '@fiducia/consent'
import * as core from '@fiducia/core'
import * as directory from '@fiducia/directory'
import * as fhir from '@fiducia/fhir'
import * as ledger from '@fiducia/ledger'
import * as proofs from '@fiducia/proofs'
import * as research from '@fiducia/research'
import { describe, expect, it } from 'vitest'
import { tryInput, tryMany } from './generated.ts'
import { NO_PARSERS, PARSER_ROWS } from './rows.ts'
import { never } from './subject.ts'
import { SUBJECTS } from './subjects.ts'

const RUNS = 2000
/** Every place of a sample up to this length is cut; longer ones at as many places. */
const CUTS = 300

describe('the table', () => {
  it('has every parser that a pure package exports, and no other', () => {
    const exported = [core, ledger, proofs, consent, fhir, client, directory, research]
      .flatMap((names) => Object.keys(names))
      .filter((name) => /^(?:parse|decode|read)[A-Z]/.test(name))
    const listed = [...PARSER_ROWS.flatMap(({ functions }) => functions), ...Object.keys(NO_PARSERS)]
    expect(exported.filter((name) => !listed.includes(name))).toEqual([])
    const known: readonly string[] = [core, ledger, proofs, consent, fhir, client, directory, research].flatMap((names) => Object.keys(names))
    expect(listed.filter((name) => !known.includes(name))).toEqual(['parseAuthorizationDetails'])
  })

  it('is tried row by row', () => expect(SUBJECTS.map(({ name }) => name)).toEqual(PARSER_ROWS.map(({ name }) => name)))
})

describe('a parser reads or refuses, with words, and what it reads it writes the same again', () => {
  it.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    for (const good of subject.good) expect(tryInput(subject, good), good.slice(0, 40)).toBe(true)
    for (const good of subject.good) {
      const step = Math.max(1, Math.ceil((good.length * subject.good.length) / CUTS))
      for (let at = 0; at < good.length; at += step) tryInput(subject, good.slice(0, at))
    }
    const read = tryMany(subject, RUNS)
    expect(read === RUNS).toBe(subject.isRefusal === never)
  })
})
