import { describe, expect, it } from 'vitest'
import { ACTIONS, denyCoversAction, isKnownAction, isReading } from './actions.ts'

describe('actions', () => {
  it('are those of a node and of FHIR, of which two only look', () => {
    expect(ACTIONS.filter(isReading)).toEqual(['read', 'search'])
    for (const action of ['read', 'search', 'export', 'collect', 'use', 'correct']) expect(isKnownAction(action)).toBe(true)
    for (const action of ['', 'delete', 'toString']) expect([isKnownAction(action), isReading(action)]).toEqual([false, false])
  })

  it('denied to look at is denied to take along; what means nothing to us is denied by everything', () => {
    const denied = (granted: string) => [...ACTIONS, 'odd'].filter((asked) => denyCoversAction(granted, asked))
    expect(denied('read')).toEqual(['read', 'export', 'odd'])
    expect(denied('search')).toEqual(['search', 'export', 'odd'])
    expect(denied('export')).toEqual(['export', 'odd'])
    expect(denied('correct')).toEqual(['correct', 'odd'])
    expect(denied('unknown')).toEqual([...ACTIONS, 'odd'])
  })
})
