import { decodeUtf8, encodeUtf8 } from '@fiducia/core'
import { relationshipKey } from '@fiducia/ledger'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bundles } from '../../test/bundles.ts'
import {
  accessParts,
  attestedKey,
  completenessParts,
  genesis,
  handle,
  head,
  ledger,
  makeLedger,
  net,
  noteOf,
  opening,
  policy,
  proofOf,
  provenHead,
  provenRecord,
  roleRecord,
  SLOT,
} from '../../test/network.ts'
import {
  buildAccess,
  buildAttestation,
  buildCompleteness,
  buildConsentState,
  type BundleFiles,
  CHECKS,
  formatTrustPolicy,
  verifyBundle,
  verifyTlogProofFile,
} from '../index.ts'

const failed = (files: BundleFiles, trust: Parameters<typeof verifyBundle>[1] = policy) =>
  verifyBundle(files, trust)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)
const withFile = (files: BundleFiles, name: string, bytes: Uint8Array | undefined): BundleFiles =>
  new Map([...files, [name, bytes ?? new Uint8Array()] as const].filter(([key]) => bytes !== undefined || key !== name))

describe('each kind of bundle', () => {
  it.each(Object.entries(bundles))('%s verifies, under the policy as a value and as text', (_, files) => {
    expect(failed(files)).toEqual([])
    const verification = verifyBundle(files, formatTrustPolicy(policy))
    expect(verification.valid).toBe(true)
    expect(verification.proves.length).toBeGreaterThan(0)
    expect(verification.doesNotProve.length).toBeGreaterThan(0)
    expect(verification.checks.length).toBeGreaterThanOrEqual(4)
    for (const { name } of verification.checks) expect(Object.keys(CHECKS)).toContain(name)
    expect([...verification.proves, ...verification.checks.map(({ detail }) => detail)].join()).not.toContain('undefined')
  })

  it.each(Object.entries(bundles))('%s is not valid without trust from outside', (_, files) => {
    const verification = verifyBundle(files, undefined)
    expect(verification.valid).toBe(false)
    expect(verification.checks.find(({ name }) => name === 'trust-root')?.ok).toBe(false)
    expect(verification.proves).toEqual([])
  })

  it('says of a time beyond the calendar that it is, and stays readable', () => {
    const far = { ...roleRecord, expires: Number.MAX_SAFE_INTEGER }
    const made = makeLedger({ [attestedKey]: far })
    const bundle = buildAttestation({ key: attestedKey, value: far, proven: provenRecord(made, attestedKey, SLOT * 60), opening })
    expect(failed(bundle)).toEqual([])
    expect(verifyBundle(bundle, policy).checks.find(({ name }) => name === 'role')?.detail).toContain('after the year 275759')
  })

  it('is refused with more files than a bundle may have, whatever their names', () => {
    const [files] = Object.values(bundles)
    const many = new Map([...(files ?? []), ...Array.from({ length: 300_000 }, (_, i) => [`${i + 1}/x`, new Uint8Array()] as const)])
    expect(failed(many)).toEqual(['files'])
  })

  it.each(Object.entries(bundles))('%s is refused when a file is missing or one is added', (_, files) => {
    for (const name of files.keys()) expect(verifyBundle(withFile(files, name, undefined), policy).valid, name).toBe(false)
    expect(failed(withFile(files, 'readme.txt', encodeUtf8('hello')))).toEqual(['files'])
    expect(failed(withFile(files, '__proto__', encodeUtf8('hello')))).toEqual(['files'])
  })

  it.each(Object.entries(bundles))('%s is refused with a changed bit, wherever', (_, files) => {
    fc.assert(
      fc.property(fc.constantFrom(...files.keys()), fc.nat(), fc.nat(7), (name, place, bit) => {
        const bytes = Uint8Array.from(files.get(name) ?? [])
        const at = place % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        expect(verifyBundle(withFile(files, name, bytes), policy).valid).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  it('never throws and never comes to a wrong end, whatever the bytes', () => {
    const names = [...new Set(Object.values(bundles).flatMap((files) => [...files.keys()])), 'x', '1/x']
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(encodeUtf8),
      fc.constantFrom(...Object.values(bundles).flatMap((files) => [...files.values()])),
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(bundles)), fc.array(fc.tuple(fc.constantFrom(...names), anyBytes), { maxLength: 4 }), (base, changes) => {
        const files = new Map([...base, ...changes])
        const verification = verifyBundle(files, policy)
        expect(verification.checks.map(({ name }) => name)).not.toContain('readable')
      }),
      { numRuns: 300 },
    )
  })

  it('is judged by the genesis file too, with the network’s own T and the age of the file', () => {
    const chained = ['trust chain']
    for (const [name, files] of Object.entries(bundles)) {
      const { valid, checks } = verifyBundle(files, genesis)
      // The genesis names the logs of all members, so it is not the very record with which that chain begins.
      expect(valid, name).toBe(!chained.includes(name))
      if (valid) expect(checks.find(({ name: check }) => check === 'trust-age')?.detail).toMatch(/the trust is of 2025/)
    }
    const late = buildAccess({
      ...accessParts(0),
      head: { ...provenHead, proof: proofOf(ledger, ledger.hashes.size - 1, noteOf(ledger, { time: SLOT * 60 - 31 })) },
    })
    expect(
      verifyBundle(late, genesis)
        .checks.filter(({ ok }) => !ok)
        .map(({ name }) => name),
    ).toEqual(['fresh'])
    expect(verifyBundle(late, policy).valid).toBe(true)
  })

  it('takes no odd trust for trust', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array(), fc.json()), (trust) => {
        expect(failed(bundles['consent-state'] ?? new Map(), trust)).toContain('trust-root')
      }),
    )
  })
})

describe('what is printed', () => {
  it('says unwitnessed, and never cosigned, where the policy asks for no quorum', () => {
    const alone = { ...policy, quorum: 0 }
    const ownProof = proofOf(ledger, ledger.hashes.size - 1, noteOf(ledger, { time: 0, by: [] }))
    const files = withFile(bundles['attestation'] ?? new Map(), 'block.tlog-proof', encodeUtf8(ownProof))
    const verification = verifyBundle(files, alone)
    expect(verification.valid).toBe(true)
    expect(verification.checks.map(({ name }) => name)).toContain('unwitnessed')
    expect(verification.checks.map(({ name }) => name)).not.toContain('cosigned')
    expect(verification.facts['cosigned']).toBe(false)
    expect(failed(files)).toEqual(['cosigned'])
  })

  it('says that custody is custodial', () => {
    const custodial = { ...head, custody: 'custodial' as const }
    const block = makeLedger({ [relationshipKey(handle)]: custodial })
    const verification = verifyBundle(
      buildConsentState({ handle, head: { value: custodial, ...provenRecord(block, relationshipKey(handle), SLOT * 60) } }),
      policy,
    )
    expect(verification.valid).toBe(true)
    expect(verification.checks.find(({ name }) => name === 'custody')?.detail).toContain('custodial')
    expect(verification.proves.join()).toContain('custodial')
  })

  it('waives freshness in break-glass only, and says so', () => {
    const glass = verifyBundle(bundles['break-glass'] ?? new Map(), policy)
    expect(glass.checks.find(({ name }) => name === 'fresh')?.detail).toContain('waived')
    const stale = buildAccess({
      ...accessParts(0),
      head: { ...provenHead, proof: proofOf(ledger, ledger.hashes.size - 1, noteOf(ledger, { time: SLOT * 60 - 61 })) },
    })
    expect(failed(stale)).toEqual(['fresh'])
    const edge = buildAccess({
      ...accessParts(0),
      head: { ...provenHead, proof: proofOf(ledger, ledger.hashes.size - 1, noteOf(ledger, { time: SLOT * 60 - 60 })) },
    })
    expect(failed(edge)).toEqual([])
  })

  it('is complete as of the earliest cosignature, and shows that earlier logs had ended', () => {
    const { facts, checks } = verifyBundle(bundles['completeness'] ?? new Map(), policy)
    expect(facts).toMatchObject({
      net,
      completeAsOf: SLOT * 60 + 20,
      logs: [
        { k: 1, n: 3, completeAsOf: SLOT * 60 + 90 },
        { k: 2, n: 1, completeAsOf: SLOT * 60 + 95 },
      ],
      earlierLogsShown: true,
    })
    expect(checks.map(({ name }) => name)).toContain('earlier-logs')
  })

  it('refuses a list whose next log is in use, or whose earlier log ended otherwise', () => {
    const { logs, earlier, next } = completenessParts
    expect(failed(buildCompleteness({ ...completenessParts, logs: logs.slice(0, 1), earlier: [], next: { proof: next.proof, value: null } }))).toContain(
      'next-log',
    )
    expect(failed(buildCompleteness({ ...completenessParts, earlier: [] }))).toEqual(['earlier-logs'])
    expect(failed(buildCompleteness({ ...completenessParts, earlier: [...earlier, ...earlier] }))).toEqual(['earlier-logs'])
  })

  it('may leave out a log before the last only where the ledger has nothing of it, and says so', () => {
    const { logs } = completenessParts
    expect(failed(buildCompleteness({ ...completenessParts, logs: logs.slice(1) }))).toEqual(['earlier-logs'])
    expect(failed(buildCompleteness({ ...completenessParts, logs: logs.slice(1), earlier: [] }))).toEqual(['earlier-logs'])
    const { valid, facts, doesNotProve } = verifyBundle(bundles['completeness, a log unsealed'] ?? new Map(), policy)
    expect({ valid, unsealed: facts['unsealedLogs'] }).toEqual({ valid: true, unsealed: [1] })
    expect(doesNotProve.join()).toContain('ended without a seal')
  })
})

describe('a tlog-proof by itself', () => {
  const files = bundles['attestation'] ?? new Map<string, Uint8Array>()
  const [proof, leaf] = [files.get('block.tlog-proof') ?? new Uint8Array(), files.get('block.leaf') ?? new Uint8Array()]
  it('verifies with its entry, and with no other', () => {
    expect(verifyTlogProofFile(proof, leaf, policy)).toMatchObject({ valid: true, kind: 'tlog-proof' })
    expect(verifyTlogProofFile(proof, leaf, undefined).valid).toBe(false)
    expect(verifyTlogProofFile(proof, undefined, policy).valid).toBe(false)
    expect(verifyTlogProofFile(proof, leaf.subarray(1), policy).valid).toBe(false)
    expect(verifyTlogProofFile(encodeUtf8(decodeUtf8(proof).replace('index ', 'index 0')), leaf, policy).valid).toBe(false)
  })
})
