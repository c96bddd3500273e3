import { describe, expect, it } from 'vitest'
import { MAX_REMEMBERED_CODES, MAX_REMEMBERED_NAME, MAX_REMEMBERED_SYSTEMS } from '../limits.ts'
import { newMemory } from './memory.ts'
import { judge } from './rule-set.ts'
import { RULE_SET } from './rules/index.ts'

describe('the memory of what was judged', () => {
  it('gives back what it was told, by system and code', () => {
    const memory = newMemory<number>()
    memory.remember('a', 'x', undefined, 1)
    memory.remember('b', 'x', 'shown', 2)
    expect([memory.codesOf('a')?.get('x'), memory.codesOf('b')?.get('x'), memory.codesOf('b')?.get('y'), memory.codesOf('c')]).toEqual([
      1,
      2,
      undefined,
      undefined,
    ])
  })

  it('keeps neither endless names nor endlessly many', () => {
    const memory = newMemory<number>()
    const long = 'x'.repeat(MAX_REMEMBERED_NAME - 2)
    for (const [code, display] of [
      ['y', `${long}x`],
      [`${long}x`, 'y'],
    ] as const) {
      memory.remember('a', code, display, 1)
      expect(memory.codesOf('a')).toBeUndefined()
    }
    memory.remember('a', long, 'y', 1)
    expect(memory.codesOf('a')?.get(long)).toBe(1)
    for (let i = 1; i < MAX_REMEMBERED_CODES; i += 1) memory.remember('a', `${i}`, undefined, i)
    expect(memory.codesOf('a')?.size).toBe(MAX_REMEMBERED_CODES)
    memory.remember('a', 'one more', undefined, 1)
    expect(memory.codesOf('a')?.size).toBe(1)
    for (let i = 1; i < MAX_REMEMBERED_SYSTEMS; i += 1) memory.remember(`system ${i}`, 'x', undefined, i)
    expect(memory.codesOf('a')?.size).toBe(1)
    memory.remember('one more', 'x', undefined, 1)
    expect([memory.codesOf('a'), memory.codesOf('one more')?.get('x')]).toEqual([undefined, 1])
  })

  it('changes no answer: another display of the same code is judged by itself', () => {
    const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm'
    const answers = [undefined, 'lisinopril', 'methadone', 'lisinopril', undefined].map((display) => {
      const { labels, unidentified } = judge(RULE_SET, rxnorm, '1', display)
      return unidentified ? 'unidentified' : labels.join(' ')
    })
    expect(answers).toEqual(['unidentified', '', 'OPIOIDUD', '', 'unidentified'])
  })
})
