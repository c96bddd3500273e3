import { describe, expect, it } from 'vitest'
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
    memory.remember('a', 'x', 'y'.repeat(1000), 1)
    expect(memory.codesOf('a')).toBeUndefined()
    for (let i = 0; i < 20_000; i += 1) memory.remember('a', `${i}`, undefined, i)
    expect(memory.codesOf('a')?.size).toBeLessThanOrEqual(16_384)
    for (let i = 0; i < 2000; i += 1) memory.remember(`system ${i}`, 'x', undefined, i)
    expect(memory.codesOf('a')).toBeUndefined()
    expect(memory.codesOf('system 1999')?.get('x')).toBe(1999)
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
