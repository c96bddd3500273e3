import type { RuleTable } from '../rule-set.ts'

/**
 * A few codes whose topic another published rule set states with full confidence and which our own sources would not give.
 * Taking its word costs next to nothing and can only raise. What the
 * codes mean beyond their topic is not ours to say.
 */
const SOURCE = 'stated with confidence 1 by the sensitivity rules of ASU SHARES (LEAP)'

export const NAMED_ELSEWHERE: readonly RuleTable[] = [
  {
    system: 'http://loinc.org',
    version: '2.81',
    source: SOURCE,
    match: 'code',
    rows: [
      ['LP75346-4', 'VIO', 'a LOINC part'],
      ['LA24145-7', 'VIO', 'a LOINC answer'],
    ],
  },
  {
    system: 'http://snomed.info/sct',
    version: 'US edition, 2025',
    source: SOURCE,
    match: 'code',
    rows: [['10963831000119103', 'VIO', 'a finding']],
  },
]
