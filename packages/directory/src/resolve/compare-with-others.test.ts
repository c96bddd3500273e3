import { parseOrganizationId } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { at, attest, NOW, type Said } from '../../test/attestations.ts'
import { compareWithOthers } from './compare-with-others.ts'

const A = '401-555-0101'
const B = '401-555-0102'
const compared = (...words: readonly Said[]) =>
  compareWithOthers(attest(...words), parseOrganizationId('rowan'), at(NOW)).map(({ field, ours, outcome, theirs }) => ({
    field,
    ours: ours.value,
    outcome,
    ...(theirs !== undefined && { theirs: theirs.value, state: theirs.state, rule: theirs.rule, who: theirs.voices.map(({ attester }) => attester) }),
  }))

describe('our words beside those of all other groups', () => {
  it('agree whatever the spelling, and differ where the others’ words come to another value', () => {
    expect(compared({ by: 'rowan', says: A }, { by: 'birch', says: '(401) 555 0101' })).toMatchObject([{ outcome: 'agrees', state: 'single-source' }])
    expect(compared({ by: 'rowan', says: A }, { by: 'birch', says: B }, { by: 'cedar', says: B })).toEqual([
      { field: 'phone', ours: A, outcome: 'differs', theirs: B, state: 'supported', rule: 'only', who: ['birch', 'cedar'] },
    ])
  })

  it('do not outvote the others: what is asked is what they come to without us', () => {
    const words = [
      { by: 'rowan', says: A, basis: 'primary-source' },
      { by: 'birch', says: B, basis: 'observed' },
    ] as const
    expect(compared(...words)).toMatchObject([{ outcome: 'differs', theirs: B, state: 'single-source' }])
  })

  it('are alone where only our own group, or nobody, or an old word says anything', () => {
    expect(compared({ by: 'rowan', says: A }, { by: 'aspen', says: B }, { by: 'birch', says: 'x', field: 'city' })).toEqual([
      { field: 'phone', ours: A, outcome: 'alone' },
    ])
    expect(compared({ by: 'rowan', says: A }, { by: 'birch', says: B, days: 366 })).toMatchObject([{ outcome: 'alone' }])
    expect(compared({ by: 'rowan', says: A }, { by: 'birch', says: B }, { by: 'birch', says: null })).toMatchObject([{ outcome: 'alone' }])
  })

  it('come to one value of several origins, and to none where they are taken back or too old', () => {
    expect(compared({ by: 'rowan', says: B, basis: 'import', origin: 'nppes' }, { by: 'rowan', says: A }, { by: 'birch', says: A })).toMatchObject([
      { ours: A, outcome: 'agrees' },
    ])
    expect(compared({ by: 'rowan', says: A }, { by: 'rowan', says: null }, { by: 'birch', says: A })).toEqual([])
    expect(compared({ by: 'rowan', says: A, days: 366 }, { by: 'birch', says: A })).toEqual([])
  })

  it('differ from a denial without another value, and agree with a value that somebody else denies', () => {
    const denied = { by: 'birch', says: A, operation: 'deny' } as const
    expect(compared({ by: 'rowan', says: A }, denied)).toEqual([
      { field: 'phone', ours: A, outcome: 'differs', theirs: null, state: 'denied', rule: null, who: ['birch'] },
    ])
    expect(compared({ by: 'rowan', says: A }, { ...denied, says: B })).toMatchObject([{ outcome: 'alone' }])
    expect(compared({ by: 'rowan', says: A }, denied, { by: 'cedar', says: A })).toMatchObject([{ outcome: 'agrees', state: 'contested' }])
  })

  it('are told that the others take the subject for gone', () => {
    const gone = { by: 'birch', says: 'departed', field: 'status' } as const
    expect(compared({ by: 'rowan', says: A }, { by: 'birch', says: A }, gone)).toMatchObject([{ outcome: 'agrees', state: 'departed' }])
  })
})
