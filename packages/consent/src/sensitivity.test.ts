import { describe, expect, it } from 'vitest'
import { categoriesOf, denyCoversSensitivity, higherOf, isConfidentiality, isKnownSensitivity, rankOf, sensitivitySubsumes } from './sensitivity.ts'
import type { Confidentiality } from './types.ts'

/** What each category of ours takes in, from issue 4 and DESIGN section 4; SPI stands above BH and is in none. */
const CATEGORIES = {
  'mental-health': 'BH COGN DVD EMOTDIS MH PSY PSYTHPN',
  'substance-use': 'BH SUD ETHUD OPIOIDUD ETH',
  hiv: 'HIV',
  'sexual-reproductive': 'SEX STD PREGNANT',
  violence: 'MST SDV VIO',
  genetics: 'GDIS SCA SICKLE',
} as const
/** Information sensitivity policies of v3-ActCode that are no topic of ours. */
const WITHOUT_TOPIC = 'SPI TBOO ADOL CEL DEMO DIA DOB DRGIS EMP EMPL GENDER IDS LIVARG LOCIS MARST PATLOC PDS PHY PRS RACE REL SSP'.split(' ')
const known = [...new Set([...Object.values(CATEGORIES).flatMap((codes) => codes.split(' ')), ...WITHOUT_TOPIC])]
/** HL7 v3-ActCode. */
const ABOVE: { readonly [code: string]: readonly string[] } = {
  BH: ['SPI'],
  ...Object.fromEntries(['COGN', 'DVD', 'EMOTDIS', 'MH', 'PSY', 'PSYTHPN', 'SUD'].map((code) => [code, ['BH', 'SPI']])),
  ETHUD: ['SUD', 'BH', 'SPI'],
  OPIOIDUD: ['SUD', 'BH', 'SPI'],
}

describe('sensitivity codes', () => {
  it('belong to the categories that people switch', () => {
    for (const code of known) {
      const expected = Object.entries(CATEGORIES).flatMap(([category, codes]) => (codes.split(' ').includes(code) ? [category] : []))
      expect([code, isKnownSensitivity(code), categoriesOf(code)]).toEqual([code, true, expected])
    }
  })

  it('subsume as HL7 publishes them, each pair of them', () => {
    for (const special of known) {
      expect(known.filter((general) => sensitivitySubsumes(general, special)).sort()).toEqual([special, ...(ABOVE[special] ?? [])].sort())
    }
  })

  it('do not know names that every object has, nor any other', () => {
    for (const name of ['toString', '__proto__', 'constructor', 'hiv', '']) {
      expect([isKnownSensitivity(name), categoriesOf(name), sensitivitySubsumes('SPI', name), sensitivitySubsumes(name, name)]).toEqual([
        false,
        [],
        false,
        true,
      ])
      expect([denyCoversSensitivity(name, 'HIV'), denyCoversSensitivity('HIV', name)]).toEqual([true, true])
    }
    expect([denyCoversSensitivity('BH', 'PSY'), denyCoversSensitivity('PSY', 'BH'), denyCoversSensitivity('HIV', 'SEX')]).toEqual([true, false, false])
  })
})

describe('confidentiality', () => {
  it('is ordered U < L < M < N < R < V, and anything else counts as the highest', () => {
    const levels: readonly Confidentiality[] = ['U', 'L', 'M', 'N', 'R', 'V']
    expect(levels.map(rankOf)).toEqual([0, 1, 2, 3, 4, 5])
    expect(rankOf('X' as Confidentiality)).toBe(rankOf('V'))
    for (const a of levels) for (const b of levels) expect(higherOf(a, b)).toBe(levels[Math.max(levels.indexOf(a), levels.indexOf(b))])
    expect([...levels, 'X', 'toString', ''].map(isConfidentiality)).toEqual([true, true, true, true, true, true, false, false, false])
  })
})
