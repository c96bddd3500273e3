import { encodeUtf8, formatNote } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import {
  cosignedBy,
  disputeId,
  events,
  filed,
  fork,
  frauds,
  handle,
  holder,
  honest,
  leftOutParts,
  listedAccess,
  noteAt,
  offChainParts,
  other,
  policy,
  twin,
  unansweredParts,
} from '../../test/network.ts'
import { buildFork, buildLeftOut, buildOffChain, buildTwinTags, buildUnanswered, type BundleFiles, signedByBoth, verifyBundle } from '../index.ts'

/** What proves a fault, and that nobody who keeps the rules can be accused with it. */

const failed = (files: BundleFiles) =>
  verifyBundle(files, policy)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)

describe('proof of fraud', () => {
  it.each([
    ['two roots for one size', 'fork', 'test/log/alpha/1'],
    ['a log that does not extend itself', 'fork', 'test/log/alpha/1'],
    ['a witness of two histories', 'fork', 'test/witness/gamma'],
    ['one tag twice', 'twin-tags', holder],
    ['an access off the chain', 'off-chain', holder],
    ['an access left out of the list', 'left-out', holder],
    ['a dispute without an answer', 'unanswered', 'test/log/alpha/1'],
  ])('%s says whose fault it is', (name, fraud, culprit) => {
    const verification = verifyBundle(frauds[name] ?? new Map(), policy)
    expect(verification).toMatchObject({ valid: true, kind: 'fraud', facts: { fraud, culprit } })
    expect(verification.proves.join(' ')).toContain(culprit)
  })
})

describe('nobody honest is accused', () => {
  const grown = { root: honest.hashes.root(3), path: honest.hashes.consistency(3, 16) }
  const twoSizes = [noteAt(honest, 3), noteAt(honest, 16)] as const
  const foreign = { ...noteAt(other, 16), signatures: noteAt(other, 16).signatures.map((line) => ({ ...line, name: 'test/log/omega/1' })) }

  it.each<[string, BundleFiles, string]>([
    ['of one checkpoint twice', buildFork({ notes: [noteAt(honest, 16), noteAt(honest, 16)] }), 'contradiction'],
    ['of a log that grew', buildFork({ notes: twoSizes, grownFrom: grown }), 'contradiction'],
    ['of two sizes without a path', buildFork({ notes: twoSizes }), 'contradiction'],
    ['with the path of another root', buildFork({ notes: twoSizes, grownFrom: { ...grown, root: other.hashes.root(3) } }), 'contradiction'],
    ['of two logs', buildFork({ notes: [cosignedBy(honest), cosignedBy({ ...other, key: { ...other.key, name: 'test/log/alpha/2' } })] }), 'contradiction'],
    ['by two keys', buildFork({ notes: [noteAt(honest, 16), cosignedBy(other)] }), 'signed-twice'],
    ['by a key that nobody trusts', buildFork({ notes: [foreign, foreign] }), 'signed-twice'],
    ['of one entry twice', buildTwinTags(twin(1), twin(1)), 'twin-tags'],
    ['of two entries with two tags', buildTwinTags(twin(1), twin(2)), 'twin-tags'],
    ['of one tag in two logs', buildTwinTags(twin(1, 6), twin(5, 7)), 'twin-tags'],
    ['of an access that is on the chain', buildOffChain({ ...offChainParts, access: listedAccess, disclosure: events[1]?.disclosure ?? '' }), 'off-chain'],
    ['with another tag key', buildOffChain({ ...offChainParts, tagkey: new Uint8Array(32) }), 'chain'],
    ['of an access that is in the list', buildLeftOut({ ...leftOutParts, access: listedAccess, disclosure: events[1]?.disclosure ?? '' }), 'left-out'],
    ['of an access after the seal', buildLeftOut({ ...leftOutParts, access: offChainParts.access, disclosure: offChainParts.disclosure }), 'left-out'],
    ['of a dispute that is answered', buildUnanswered(unansweredParts({ [`answer/${disputeId}`]: { at: filed.at + 1 } })), 'dispute'],
    ['of a dispute that may still be answered', buildUnanswered(unansweredParts({}, { ...filed, at: filed.at + 3_600_000 })), 'unanswered'],
  ])('%s', (_, files, check) => {
    expect(verifyBundle(files, policy).valid).toBe(false)
    expect(failed(files)).toContain(check)
  })

  it('with an access of somebody else', () => {
    const files = new Map([
      ...buildOffChain(offChainParts),
      ['head.json', encodeUtf8(new TextDecoder().decode(frauds['an access off the chain']?.get('head.json')).replace(handle, 'A'.repeat(43)))] as const,
    ])
    expect(verifyBundle(files, policy).valid).toBe(false)
  })

  it('by lines that stand beside the one at fault', () => {
    const files = new Map([...buildFork(fork), ['first.note', encodeUtf8(formatNote(noteAt(honest, 3, ['gamma'])))] as const])
    expect(failed(files)).toEqual(['signed-twice'])
  })
})

it('finds the keys that signed two notes', () => {
  const [one, two] = [noteAt(honest, 16, ['gamma', 'delta']), noteAt(other, 16, ['gamma'])]
  const names = (...notes: Parameters<typeof signedByBoth>) => signedByBoth(...notes).map(([first]) => first.signatures[0]?.name)
  expect(names(one, two)).toEqual(['test/log/alpha/1', 'test/witness/gamma'])
  expect(names({ ...one, signatures: one.signatures.slice(0, 1) }, { ...two, signatures: two.signatures.slice(1) })).toEqual([])
  for (const notes of signedByBoth(one, two)) expect(verifyBundle(buildFork({ notes }), policy).valid).toBe(true)
})
