import { encodeUtf8 } from '@fiducia/core'
import { formatTrustPolicy, formatVerification, verifyBundle, verifyTlogProofFile } from '@fiducia/proofs'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { bundles } from '../../../proofs/test/bundles.ts'
import { policy } from '../../../proofs/test/network.ts'
import { answer, type Chosen, type NamedBytes, ReadFailure, unreadable } from './answer.ts'

const named = (name: string, bytes: Uint8Array): NamedBytes => ({ name, bytes })
const policyText = formatTrustPolicy(policy)
const trust = named('trust.policy', encodeUtf8(policyText))
const access = bundles['access'] ?? new Map<string, Uint8Array>()
const filesOf = (files: Iterable<readonly [string, Uint8Array]>): readonly NamedBytes[] => [...files].map(([name, bytes]) => named(name, bytes))
const folder: Chosen = { from: 'folder', name: 'access', files: filesOf(access) }
const loose = (...files: readonly NamedBytes[]): Chosen => ({ from: 'files', files })
const error = (chosen: Chosen, by: NamedBytes | undefined = trust) => (JSON.parse(answer(chosen, by).json) as { readonly error?: unknown }).error

describe('an answer', () => {
  it('is the verification of the files, however they came', () => {
    const expected = verifyBundle(access, policyText)
    expect(expected.valid).toBe(true)
    const archive = named('access.zip', zipSync(Object.fromEntries(access)))
    for (const chosen of [folder, loose(...filesOf(access)), loose(archive), loose(named('ACCESS.ZIP', archive.bytes))])
      expect(answer(chosen, trust)).toEqual({ ended: 'verified', verification: expected, json: JSON.stringify(expected), text: formatVerification(expected) })
  })

  it('does not depend on the order in which a browser gives files, even for files that nobody knows', () => {
    const files = [...filesOf(access), named('b', new Uint8Array()), named('a', new Uint8Array())]
    expect(answer(loose(...files.toReversed()), trust)).toEqual(answer(loose(...files), trust))
  })

  it('is not valid without trust, and says which check failed', () => {
    const found = answer(folder, undefined)
    expect(found.ended === 'verified' && found.verification.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['trust-root'])
  })

  it('is that of one proof for two files of which one is a proof', () => {
    const [proof, leaf] = [
      named('a.tlog-proof', access.get('access.tlog-proof') ?? new Uint8Array()),
      named('a.leaf', access.get('access.leaf') ?? new Uint8Array()),
    ]
    const expected = JSON.stringify(verifyTlogProofFile(proof.bytes, leaf.bytes, policyText))
    for (const chosen of [loose(proof, leaf), loose(leaf, proof)]) expect(answer(chosen, trust).json).toBe(expected)
    expect(error(loose(proof))).toMatchObject({ code: 'FILE_MISSING', at: 'a.tlog-proof' })
  })

  it('names the file that cannot be read', () => {
    expect(error(loose(named('x.zip', new Uint8Array())))).toMatchObject({ code: 'FILE_UNREADABLE', at: 'x.zip' })
    expect(error({ from: 'folder', name: 'x', files: [] })).toMatchObject({ code: 'BUNDLE_EMPTY', at: 'x' })
    expect(error(loose())).toEqual({ code: 'BUNDLE_EMPTY', message: 'expected the files of a bundle, found none' })
    expect(error(loose(named('a', new Uint8Array()), named('a', new Uint8Array())))).toMatchObject({ code: 'FILE_UNREADABLE', at: 'a' })
    expect(error(folder, named('trust', Uint8Array.of(0xff)))).toMatchObject({ code: 'FILE_UNREADABLE', at: 'trust' })
  })

  it('is one even where something unforeseen was thrown', () => {
    expect(unreadable(new Error('no memory'))).toMatchObject({ ended: 'unreadable', message: 'no memory', at: '' })
    expect(unreadable('text')).toMatchObject({ json: '{"error":{"code":"UNEXPECTED","message":"text"}}' })
    expect(unreadable(new ReadFailure('FILE_UNREADABLE', 'expected a file', 'a'))).toMatchObject({
      json: '{"error":{"code":"FILE_UNREADABLE","message":"expected a file","at":"a"}}',
    })
  })
})
