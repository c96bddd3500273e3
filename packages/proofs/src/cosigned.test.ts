import { cosignNote, formatCheckpoint, formatNote, parseNote, signNote } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectOnlyInputErrors } from '../test/generated.ts'
import { bytes, ledger, ledgerKey, logKey, noteOf, policy, witnessKey } from '../test/network.ts'
import { freshWindow, selectCosignatures, slotWindow, verifyCosigned, verifyLogNote, withSignatures } from './index.ts'

const ORGS = ['alpha', 'beta', 'gamma', 'delta']
const TIME = 1_767_225_600
const note = (by: readonly string[], time = TIME) => noteOf(ledger, { time, by })

describe('a cosigned checkpoint', () => {
  it('counts groups, inside the window only', () => {
    fc.assert(
      fc.property(fc.subarray(ORGS), fc.nat(200), fc.nat(200), (by, from, length) => {
        const window = { from: TIME - 100 + from, until: TIME - 100 + from + length }
        const inside = TIME >= window.from && TIME <= window.until ? by.length : 0
        const work = () => verifyCosigned(note(by), policy, { window })
        if (inside >= 3) expect(work().cosignatures).toHaveLength(by.length)
        else expect(work).toThrow('groups')
      }),
    )
  })

  it('is strict with exactly a quorum, by key name, after the line of the log', () => {
    expect(() => verifyCosigned(note(['alpha', 'delta', 'gamma']), policy, { strict: true })).not.toThrow()
    expect(() => verifyCosigned(note(['alpha', 'gamma', 'delta']), policy, { strict: true })).toThrow('order')
    expect(() => verifyCosigned(note(['alpha', 'beta', 'delta', 'gamma']), policy, { strict: true })).toThrow('exactly 3')
    expect(() => verifyCosigned(note(['alpha', 'delta', 'omega']), policy, { strict: true })).toThrow('unknown key')
    const { text, signatures } = parseNote(note(['alpha', 'delta', 'gamma']))
    expect(() => verifyCosigned(formatNote({ text, signatures: signatures.toReversed() }), policy, { strict: true })).toThrow('line first')
    expect(() => verifyCosigned(formatNote({ text, signatures: signatures.slice(1) }), policy)).toThrow('trusted key')
    expect(() => verifyCosigned(note(ORGS), policy, { origin: 'test/log/alpha/1' })).toThrow('expected a checkpoint')
  })

  it('counts one witness for a group that has two', () => {
    const two = {
      ...policy,
      groups: policy.groups
        .map((group) => (group.name === 'group-alpha' ? { ...group, witnesses: [witnessKey('alpha'), witnessKey('beta')] } : group))
        .filter(({ name }) => name !== 'group-beta'),
    }
    expect(() => verifyCosigned(note(['alpha', 'beta', 'gamma']), two)).toThrow('found 2')
    expect(() => verifyCosigned(note(['alpha', 'beta', 'gamma']), two, { strict: true })).toThrow('two of one')
  })

  it('is spoiled by a line of a known key that does not hold', () => {
    const { text, signatures } = parseNote(note(ORGS))
    const forged = cosignNote(text, witnessKey('alpha'), bytes('another seed'), TIME)
    expect(() => verifyCosigned(formatNote({ text, signatures: [...signatures.slice(0, 1), forged, ...signatures.slice(2)] }), policy)).toThrow('does not hold')
    const log = signNote(text, ledgerKey, bytes('another seed'))
    expect(() => verifyCosigned(formatNote({ text, signatures: [log, ...signatures.slice(1)] }), policy)).toThrow('does not hold')
    expect(() => verifyCosigned(formatNote({ text, signatures: [...signatures, ...signatures.slice(1, 2)] }), policy)).toThrow('found two')
  })

  it('selects the freshest of a quorum, which then is strict', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 4, maxLength: 4 }), (ages) => {
        const { text } = parseNote(note([]))
        const lines = ORGS.map((org, i) => cosignNote(text, witnessKey(org), bytes(`witness ${org} 1`), TIME - (ages[i] ?? 0)))
        const selected = selectCosignatures(withSignatures(note([]), lines), policy)
        const { cosignatures } = verifyCosigned(selected, policy, { strict: true })
        expect(Math.max(...cosignatures.map(({ time }) => TIME - time))).toBe(ages.toSorted((a, b) => a - b)[2])
      }),
      { numRuns: 30 },
    )
    expect(() => selectCosignatures(note(['alpha', 'beta']), policy)).toThrow('groups')
  })

  it('takes newer lines of the same key in place of older ones, or keeps the older', () => {
    const { text } = parseNote(note([]))
    const newer = cosignNote(text, witnessKey('alpha'), bytes('witness alpha 1'), TIME + 5)
    const replaced = withSignatures(note(ORGS), [newer])
    expect(parseNote(replaced).signatures).toHaveLength(5)
    expect(verifyCosigned(replaced, policy).latest).toBe(TIME + 5)
    expect(verifyCosigned(withSignatures(note(ORGS), [newer], false), policy).latest).toBe(TIME)
  })

  it('is understood or refused, whatever the text', () => {
    expectOnlyInputErrors((text) => verifyCosigned(text, policy), note(ORGS))
    expectOnlyInputErrors((text) => verifyLogNote(text, [ledgerKey]), note([]))
  })
})

describe('a note for one group commit', () => {
  it('has the line of its log and nothing else', () => {
    expect(verifyLogNote(note([]), [ledgerKey]).size).toBe(ledger.hashes.size)
    expect(() => verifyLogNote(note(['alpha']), [ledgerKey])).toThrow('one signature line')
    expect(() => verifyLogNote(note([]), [logKey('alpha', 1)])).toThrow('known key')
    const text = formatCheckpoint({ origin: 'test/other', size: 1, root: bytes('root') })
    expect(() => verifyLogNote(formatNote({ text, signatures: [signNote(text, ledgerKey, bytes('ledger'))] }), [ledgerKey])).toThrow('known key')
  })
})

describe('windows', () => {
  it('are those of the protocol', () => {
    expect(freshWindow(1000, 60)).toEqual({ from: 940, until: 1030 })
    expect(slotWindow(10, 60)).toEqual({ from: 540, until: 689 })
  })
})
