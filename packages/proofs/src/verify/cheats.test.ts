import { type Handle, leafHash } from '@fiducia/core'
import { relationshipKey } from '@fiducia/ledger'
import { describe, expect, it } from 'vitest'
import * as network from '../../test/network.ts'
import * as proofs from '../index.ts'

/** Bundles in which everything is properly hashed, logged, signed and cosigned, but what is said is not so. */

const { bytes, bytes32, handle, head, ledger, policy, provenHead, SLOT } = network
const AT = SLOT * 60 + 90

const failedChecks = (files: proofs.BundleFiles) =>
  proofs
    .verifyBundle(files, policy)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)
const changed = (files: proofs.BundleFiles | undefined, name: string, content: Uint8Array): proofs.BundleFiles => new Map([...(files ?? []), [name, content]])

interface Cheat {
  readonly kind?: proofs.LeafKind
  readonly disclosure?: string
  readonly decision?: Partial<proofs.DecisionRecord>
}

/** An access that the holder logged in good order, whatever it says. */
function accessOf({ kind = 'entry', disclosure = network.disclosureOf(0), decision = {} }: Cheat) {
  const honest = proofs.readDecisionRecord(network.events[0]?.decision ?? '')
  const tag = proofs.eventTag(network.tagkey, 1, 0)
  const record = proofs.formatDecisionRecord({ ...honest, ...decision })
  const [salt, salt2] = [bytes('cheat salt'), bytes('cheat salt2')]
  const blind = proofs.blindOf(salt2, record)
  const leaf = proofs.encodeLeaf({ kind, slot: SLOT, tag, com: proofs.eventCom(salt, disclosure, blind) })
  const log = { key: network.logKey('alpha', 1), seed: 'log alpha 1', hashes: proofs.createHashLog([leafHash(leaf)]) }
  const proof = network.proofOf(log, 0, network.noteOf(log, { time: AT }), new Uint8Array([...salt, ...blind]))
  return { access: { leaf, proof }, disclosure, decision: { record, salt2 } }
}

const accessBundle = (cheat: Cheat, more: Partial<proofs.AccessParts> = {}) => proofs.buildAccess({ handle, head: provenHead, ...accessOf(cheat), ...more })

describe('an access', () => {
  it('is valid when nothing is wrong with it', () => {
    expect(failedChecks(accessBundle({}))).toEqual([])
  })

  it('is of the relationship whose head is shown', () => {
    const foreign = network.disclosureOf(0).replace(handle, bytes32('another handle'))
    expect(failedChecks(accessBundle({ disclosure: foreign }))).toEqual(['handle'])
    expect(failedChecks(accessBundle({ disclosure: network.disclosureOf(0, 'TREAT', false) }))).toEqual(['handle'])
    const other = bytes32('another handle') as Handle
    expect(failedChecks(accessBundle({}, { handle: other }))).toEqual(['state'])
  })

  it('is an entry', () => {
    expect(failedChecks(accessBundle({ kind: 'seal' }))).toEqual(['access'])
  })

  it('has the decision of this very entry', () => {
    expect(failedChecks(accessBundle({ decision: { tag: bytes32('another tag') } }))).toEqual(['decision'])
    expect(failedChecks(accessBundle({ decision: { k: 2 } }))).toEqual(['decision'])
  })

  it('was decided by the version that the head shows, but in break-glass', () => {
    const older = { versions: [head.version - 1] }
    expect(failedChecks(accessBundle({ decision: older }))).toEqual(['decision'])
    expect(failedChecks(accessBundle({ decision: { versions: [head.version, head.version + 1] } }))).toEqual([])
    expect(failedChecks(accessBundle({ decision: older, disclosure: network.disclosureOf(0, 'BTG') }))).toEqual([])
  })

  it('is mirrored by an entry in a log of the requester', () => {
    const { access } = accessOf({})
    const mirrorOf = (kind: proofs.LeafKind, r: string, org = 'beta') => {
      const leaf = proofs.encodeLeaf({ kind, slot: SLOT, tag: proofs.mirrorTag(bytes(r), access.leaf), com: bytes('mirror com') })
      const log = { key: network.logKey(org, 1), seed: `log ${org} 1`, hashes: proofs.createHashLog([leafHash(leaf)]) }
      return { leaf, proof: network.proofOf(log, 0, network.noteOf(log, { time: AT })) }
    }
    expect(failedChecks(accessBundle({}, { mirror: mirrorOf('entry', 'mirror 0') }))).toEqual([])
    expect(failedChecks(accessBundle({}, { mirror: mirrorOf('seal', 'mirror 0') }))).toEqual(['mirror'])
    expect(failedChecks(accessBundle({}, { mirror: mirrorOf('entry', 'mirror 1') }))).toEqual(['mirror'])
    expect(failedChecks(accessBundle({}, { mirror: mirrorOf('entry', 'mirror 0', 'alpha') }))).toEqual(['mirror'])
  })

  it('is no entry bundle when it names a relationship', () => {
    const { access, disclosure } = accessOf({})
    expect(failedChecks(proofs.buildEntry({ access, disclosure }))).toEqual(['handle'])
    expect(failedChecks(proofs.buildEntry(accessOf({ disclosure: network.disclosureOf(0, 'TREAT', false) })))).toEqual([])
  })
})

describe('a list of accesses', () => {
  const [first, second] = network.logs
  const { earlier, logs, next } = network.completenessParts
  const build = (more: Partial<proofs.CompletenessParts>) => proofs.buildCompleteness({ ...network.completenessParts, ...more })
  const listOf = (k: number, log: typeof first, leaves: readonly Uint8Array[]) => proofs.buildTags(network.tagkey, k, { tags: log.state.sealed.tags, leaves })

  it('shows each log under its own number, not the empty list of another', () => {
    const swapped = { tags: listOf(1, second, []), seal: network.sealProof(second, AT) }
    expect(failedChecks(build({ logs: [swapped, ...logs.slice(1)] }))).toEqual(['seal'])
  })

  it('is of the number that its folder says', () => {
    const mislabelled = new Map(build({}))
    const [tags] = logs
    mislabelled.set('1/tags.json', new TextEncoder().encode(proofs.formatRecord({ ...tags?.tags, k: 2 })))
    expect(failedChecks(mislabelled)).toEqual(['seal'])
  })

  it('ends with a seal, and with a seal of its own place', () => {
    const short = proofs.createHashLog(first.leaves.slice(0, 1).map(leafHash))
    const log = { ...first, hashes: short }
    const entry = { leaf: first.leaves[0] ?? new Uint8Array(), proof: network.proofOf(log, 0, network.noteOf(log, { time: AT })) }
    expect(failedChecks(build({ logs: [{ tags: listOf(1, first, []), seal: entry }, ...logs.slice(1)] }))).toEqual(['seal'])
    const sealLeaf = first.leaves.at(-1) ?? new Uint8Array()
    const alone = { ...first, hashes: proofs.createHashLog([leafHash(sealLeaf)]) }
    const moved = { leaf: sealLeaf, proof: network.proofOf(alone, 0, network.noteOf(alone, { time: AT })) }
    expect(failedChecks(build({ logs: [{ tags: logs[0]?.tags ?? listOf(1, first, []), seal: moved }, ...logs.slice(1)] }))).toEqual(['seal'])
  })

  it('knows the next log, absent or empty, and how the earlier ones ended', () => {
    const key = network.keyOfLog(2)
    const inUse = { proof: ledger.tree.prove(key), value: network.logRecord(second) }
    expect(failedChecks(build({ logs: logs.slice(0, 1), earlier: [], next: inUse }))).toEqual(['next-log'])
    expect(failedChecks(build({ earlier: [inUse] }))).toEqual(['earlier-logs'])
    const grown = network.makeLedger({
      [relationshipKey(handle)]: head,
      [network.keyOfLog(1)]: { ...network.logRecord(first), size: 32 },
      [network.keyOfLog(3)]: next.value,
    })
    const proven = { value: head, ...network.provenRecord(grown, relationshipKey(handle), AT) }
    const records = {
      next: { proof: grown.tree.prove(network.keyOfLog(3)), value: next.value },
      earlier: [{ proof: grown.tree.prove(network.keyOfLog(1)), value: { ...network.logRecord(first), size: 32 } }],
    }
    expect(failedChecks(build({ head: proven, ...records }))).toEqual(['earlier-logs'])
    expect(earlier).toHaveLength(1)
  })
})

describe('an attestation', () => {
  it('stands under the one spelling of its key, and opens to its role', () => {
    const key = network.attestedKey
    const build = (name: string, more: object = {}) =>
      proofs.buildAttestation({ key: name, value: network.roleRecord, proven: network.provenRecord(ledger, key, AT), opening: network.opening, ...more })
    expect(failedChecks(build(key))).toEqual([])
    for (const wrong of [`${key}/more`, key.replace('role/', 'rule/'), 'role/x/y', key.replace('group-gamma', 'group-beta')])
      expect(failedChecks(build(wrong))).toEqual(['state'])
    expect(failedChecks(build(key, { opening: { ...network.opening, code: 'other' } }))).toEqual(['opening'])
    expect(failedChecks(build(key, { opening: { ...network.opening, rand32: bytes32('other') } }))).toEqual(['opening'])
    expect(failedChecks(build(key, { opening: 'no object' }))).toEqual(['state'])
  })

  it('is not called live once its time has passed or it was withdrawn', () => {
    for (const value of [
      { version: 1, expires: SLOT * 60_000 - 1, withdrawn: false },
      { version: 2, expires: SLOT * 60_000 + 1, withdrawn: true },
    ]) {
      const block = network.makeLedger({ [network.attestedKey]: value })
      const verification = proofs.verifyBundle(
        proofs.buildAttestation({ key: network.attestedKey, value, proven: network.provenRecord(block, network.attestedKey, AT) }),
        policy,
      )
      expect(verification).toMatchObject({ valid: true, facts: { live: false } })
      expect(verification.proves.join()).toContain('no longer attested')
    }
  })
})

describe('the files', () => {
  const state = network.networkBundles['consent-state']

  it('are said to be missing, too many or too large', () => {
    const detail = (files: proofs.BundleFiles) => proofs.verifyBundle(files, policy).checks.find(({ ok }) => !ok)
    expect(detail(new Map())).toMatchObject({ name: 'files' })
    expect(detail(new Map([...(state ?? [])].filter(([name]) => name !== 'block.leaf')))).toMatchObject({
      name: 'files',
      detail: 'files are missing: block.leaf',
    })
    const many = Array.from({ length: 1001 }, (_, i) => [`trust-${i + 1}.json`, new Uint8Array()] as const)
    expect(detail(new Map([...(state ?? []), ...many]))).toMatchObject({ name: 'files', detail: 'expected at most 1000 files, found 1007' })
    expect(detail(changed(state, 'head.json', new Uint8Array(proofs.MAX_BUNDLE_FILE_BYTES + 1)))).toMatchObject({ name: 'files' })
    expect(detail(new Map([...(state ?? []), ...many.slice(0, 201)]))).toMatchObject({
      name: 'trust-chain',
      detail: 'expected at most 200 trust records, found 201',
    })
  })

  it('have salts of 32 bytes, and no extra where none belongs', () => {
    expect(failedChecks(changed(state, 'policy.salt', new Uint8Array(31)))).toEqual(['policy'])
    const text = new TextDecoder().decode(state?.get('block.tlog-proof'))
    const extra = text.replace('\nindex', '\nextra AAAA\nindex')
    expect(failedChecks(changed(state, 'block.tlog-proof', new TextEncoder().encode(extra)))).toEqual(['block'])
  })

  it('that cannot be read at all end in a failed check, not in an error', () => {
    const broken = new Map(state ?? [])
    broken.get = () => {
      throw new Error('the disk is gone')
    }
    expect(proofs.verifyBundle(broken, policy)).toMatchObject({
      valid: false,
      checks: [{ name: 'files', ok: true }, { name: 'trust-root' }, { name: 'readable', ok: false }],
    })
  })

  it('of a block stand in a ledger, not in another log', () => {
    const leaf = state?.get('block.leaf') ?? new Uint8Array()
    const log = { key: network.logKey('alpha', 1), seed: 'log alpha 1', hashes: proofs.createHashLog([leafHash(leaf)]) }
    const proof = network.proofOf(log, 0, network.noteOf(log, { time: AT }))
    expect(failedChecks(changed(state, 'block.tlog-proof', new TextEncoder().encode(proof)))).toEqual(['block'])
  })
})

describe('a trust chain', () => {
  const chain = network.networkBundles['trust chain']

  it('has records of their own number, at heights that do not fall', () => {
    const second = new TextDecoder().decode(chain?.get('trust-2.json'))
    expect(failedChecks(changed(chain, 'trust-2.json', new TextEncoder().encode(second.replace('"k":2', '"k":3'))))).toEqual(['trust-chain'])
    const record = (k: number, height: number, time: number) => {
      const block = network.makeLedger({ trust: network.trustRecord(k, 1) }, height)
      return { record: network.trustRecord(k, 1), proven: network.provenRecord(block, 'trust', time) }
    }
    const falling = proofs.buildConsentState({
      handle,
      head: provenHead,
      trustChain: [{ record: network.trustRecord(1, 1) }, record(2, 5, AT), record(3, 4, AT)],
    })
    expect(failedChecks(falling)).toEqual(['trust-chain'])
    const rising = proofs.buildConsentState({
      handle,
      head: provenHead,
      trustChain: [{ record: network.trustRecord(1, 1) }, record(2, 4, AT), record(3, 5, AT)],
    })
    expect(failedChecks(rising)).toEqual([])
  })

  it('may be entered at any of its records, and at none that is not in it', () => {
    const under = (k: number, gamma: number) =>
      proofs
        .verifyBundle(chain ?? new Map(), proofs.trustPolicyOf(network.trustRecord(k, gamma)))
        .checks.filter(({ ok }) => !ok)
        .map(({ name }) => name)
    expect([under(1, 1), under(2, 2)]).toEqual([[], []])
    expect(under(3, 3)).toEqual(['trust-chain'])
    // The records before the one that is trusted are judged all the same.
    const first = new TextDecoder().decode(chain?.get('trust-1.json'))
    const forged = changed(chain, 'trust-1.json', new TextEncoder().encode(first.replace(/test\/witness\/alpha\+[0-9a-f]{8}/, 'test/witness/alpha+00000000')))
    expect(proofs.verifyBundle(forged, proofs.trustPolicyOf(network.trustRecord(2, 2))).valid).toBe(false)
  })
})
