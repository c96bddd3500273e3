import { InputError } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { parseConsentCase } from './case.ts'

const codeOf = (text: string): string => {
  try {
    parseConsentCase(text)
    return 'read'
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.code
  }
}
const caseAt = (at: string): string => JSON.stringify({ at, consents: [], request: { actors: [], purpose: ['TREAT'], action: 'read' } })

describe('the text of a case', () => {
  it('is read once, however long its strings are and however many quotes they hold', () => {
    expect(codeOf(`"${'a'.repeat(16_000_000)}"`)).toBe('SHAPE')
    expect(codeOf(`"${'\\"'.repeat(1_000_000)}`)).toBe('JSON_SYNTAX')
    expect(codeOf(`{"${'\\"'.repeat(1_000_000)}":1,"a":1,"a":1}`)).toBe('JSON_DUPLICATE')
  })

  it('names one instant, with its time and zone', () => {
    expect(codeOf(caseAt('2024-06-01T00:00:00Z'))).toBe('read')
    expect(codeOf(caseAt('2024-06-01T00:00:00.5+02:00'))).toBe('read')
    for (const at of ['2024', '2024-06-01', '2024-06-01T00:00:00', '2024-06-01T24:00:00Z', 'T'.repeat(1_000_000)]) expect(codeOf(caseAt(at))).toBe('SHAPE')
  })
})
