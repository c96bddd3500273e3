import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NormalizerId } from '../facts/fields.ts'
import { NORMALIZERS, normalizerName } from './normalizers.ts'
import { plainText } from './plain-text.ts'
import { SHORT_DIRECTIONS, SHORT_FORMS } from './street-words.ts'

/**
 * What each is for stands as examples in docs/reference/directory.md, which `packages/directory/test/directory-page.test.ts` runs. Here is what no
 * example shows.
 */
const ids = Object.keys(NORMALIZERS) as NormalizerId[]
const give = (id: NormalizerId, value: string): string => NORMALIZERS[id].normalize(value)

/** Words that the rules are about, in any order and case: where one replacement could make room for another. */
const WORDS = [
  "The and & Inc. P.C. p c a L.L.C Co Jr. M.D. N/A null unknown Saint O' <UNAVAIL> professional corporation",
  'North E N.E. east Street st Park Ave Suite # #5 Apt Unit 2nd Fifth floor fl PO Box B P.O. post office',
  '1 100 12B 401 555-0100 + +1 011 44 x12 ext. 000 FLOWERS ( )',
  '2020 01 31 13 / - _ Jan January 00 T : :443 :80 https:// HTTP:// Example.ORG ?q #f . .. ...',
  'new york n y United States of America U.S. USA 06510 1234 207Q00000X ß İ ı ΑΣ ŉ \u0301 ﬁ',
].flatMap((line) => line.split(' '))
const phrase = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom('', ' ', ' ', ', ')), { maxLength: 9 })
  .map((parts) => parts.map(([word, between]) => word + between).join(''))
const anything = fc.oneof({ arbitrary: phrase, weight: 3 }, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 20 }))

const CHANGING = Array.from({ length: 0x1_ff_ff }, (_, point) => String.fromCodePoint(point)).filter((character) =>
  [character.toLowerCase(), character.toUpperCase(), character.normalize('NFKC'), character.normalize('NFKD')].some((other) => other !== character),
)

describe.each(ids)('%s', (id) => {
  it('gives text for every text, and the same for what it gave', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const once = give(id, value)
        expect(give(id, once)).toBe(once)
      }),
      { numRuns: 3000, seed: 20261123 },
    )
  })

  it('does so for every character alone that case or decomposition changes', () => {
    expect(CHANGING.filter((character) => give(id, give(id, character)) !== give(id, character))).toEqual([])
  })

  it('is named with its version, and gives nothing for what says nothing', () => {
    expect(normalizerName(id)).toBe(`${id}/1`)
    for (const value of ['', ' ', '--', 'N/A', ' n/a ', 'Unknown', '\u00a0', '<UNAVAIL>', 'not available']) expect(give(id, value)).toBe('')
  })
})

describe('plain text', () => {
  it('of ASCII alone is the same as beside a letter for which Unicode is asked', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 })
    fc.assert(fc.property(ascii, (value) => void expect(`${plainText(value)} e`.trim()).toBe(plainText(`${value} é`))))
  })
})

describe('an address', () => {
  it('has one short form for each word, which is no other word’s long form', () => {
    for (const words of [SHORT_FORMS, SHORT_DIRECTIONS]) for (const short of words.values()) expect(SHORT_FORMS.get(short) ?? short).toBe(short)
  })

  it('keeps two streets apart whose name is a letter and a direction', () => {
    const streets = ['100 E St NW', '100 East St NW', '100 East Park Ave', '100 East Main St']
    expect(streets.map((street) => give('address-line', street))).toEqual(['100 e st nw', '100 east st nw', '100 e park ave', '100 e main st'])
  })
})

describe('names', () => {
  it('that look like nothing are names of people all the same', () => {
    expect(['Null', 'Na', 'None', 'Mister Young', 'Junior Doctor'].map((name) => give('person-name', name))).toEqual([
      'null',
      'na',
      'none',
      'mister young',
      'junior doctor',
    ])
  })

  it('of organizations are never empty because of their legal form', () => {
    expect(['The Company', 'Inc.', 'P.C.', 'The'].map((name) => give('organization-name', name))).toEqual(['the', 'inc', 'pc', 'the'])
  })
})
