import { type Bytes32, decodeBase64Url, type Handle } from '@fiducia/core'
import { handleOf, recoveryHashOf } from '../../derivations.ts'
import { HOLDER_CLOSE_WAIT_MS, MAX_RESTRICTED_BODIES, RECOVERY_WAIT_MS } from '../../limits.ts'
import { isMonthStart } from '../../months.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { isSignedBy, nodeSigner, noNodeKey, requireAdmissible, requireSigners } from '../../signers.ts'
import { accept, type Judging, type Outcome } from '../../transition.ts'
import { relationshipKey } from '../../types.ts'
import { effectiveHead, relationship } from './queries.ts'
import type { AtEpoch, Delegate, OpenRelationship, Rebind, Recover, RelationshipHead, RotateControl, SetDelegates, SetPolicy, SetRecovery } from './types.ts'

/**
 * What changes a relationship (PROTOCOL section 3). Each transition starts from the head as it counts at block time and
 * stores it whole. Guards against replay: create-only, version + 1, epoch + 1, or the current epoch together with a state
 * that the transition itself ends.
 */

const store = (handle: Handle, head: RelationshipHead): Outcome => accept({ key: relationshipKey(handle), value: head })

const isRefusal = (found: RelationshipHead | Refusal): found is Refusal => 'accepted' in found

/** The head that is neither closed nor waiting for a recovery. */
function changeableHead(judging: Judging, handle: Handle): RelationshipHead | Refusal {
  const raw = relationship(judging.state, handle)
  if (raw === undefined) return refuse('REL_UNKNOWN', `no relationship with handle \`${handle}\` on this ledger`)
  const head = effectiveHead(raw, judging.time)
  if (head.status === 'closed') return refuse('REL_CLOSED', `relationship \`${handle}\` is closed`)
  if (head.status === 'recovering') return refuse('REL_RECOVERING', `a recovery of \`${handle}\` is pending: only a veto is accepted`)
  return head
}

function requireEpoch(found: number, expected: number): Refusal | undefined {
  return found === expected ? undefined : refuse('REL_EPOCH', `expected epoch ${expected}, found ${found}`)
}

export function openRelationship(judging: Judging, body: OpenRelationship): Outcome {
  const { handle, org, control, recovery, custody, chain, seal, bind } = body
  const controlKey = decodeBase64Url(control)
  if (relationship(judging.state, handle) !== undefined) return refuse('REL_EXISTS', `relationship \`${handle}\` exists`)
  const derived = handleOf(judging.state.net, org, controlKey, decodeBase64Url(body.rand32))
  if (handle !== derived) return refuse('REL_HANDLE', `expected handle \`${derived}\`, found \`${handle}\``)
  const holder = nodeSigner(judging, org)
  if (holder === undefined) return noNodeKey(org)
  const refusal = requireSigners(judging, holder.publicKey, controlKey) ?? requireAdmissible(controlKey)
  if (refusal !== undefined) return refusal
  return store(handle, {
    org,
    status: 'open',
    epoch: 0,
    version: 0,
    commitment: null,
    expires: 0,
    by: null,
    base: 0,
    control,
    delegates: [],
    recovery,
    pending: null,
    custody,
    chain,
    seal,
    bind,
  })
}

export function setPolicy(judging: Judging, { handle, version, commitment, expires }: SetPolicy): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  if (version !== head.version + 1) return refuse('REL_VERSION', `expected version ${head.version + 1}, found ${version}`)
  if (!isMonthStart(expires)) return refuse('REL_EXPIRES', `expected 00:00 UTC of the first of a month, found ${expires}`)
  const controlKey = decodeBase64Url(head.control)
  if (isSignedBy(judging.transaction, controlKey)) {
    return requireSigners(judging, controlKey) ?? store(handle, { ...head, version, commitment, expires, by: head.control, base: version })
  }
  const delegate = head.delegates.find(({ pub }) => isSignedBy(judging.transaction, decodeBase64Url(pub)))
  if (delegate === undefined) return refuse('TX_SIGNERS', 'expected a signature by the control key or a delegate')
  return (
    judgeDelegate(head, delegate, { version, time: judging.time }) ??
    requireSigners(judging, decodeBase64Url(delegate.pub)) ??
    store(handle, { ...head, version, commitment, expires, by: delegate.pub })
  )
}

function judgeDelegate(head: RelationshipHead, delegate: Delegate, at: { readonly version: number; readonly time: number }): Refusal | undefined {
  const maySet = delegate.rights.includes('set')
  if (!maySet && !delegate.rights.includes('restrict')) return refuse('REL_DELEGATE_RIGHT')
  if (at.time > delegate.expires) return refuse('REL_DELEGATE_EXPIRED', `the delegate could sign until ${delegate.expires}`)
  if (head.base === null) return refuse('REL_DELEGATE_BASE')
  if (!maySet && at.version - head.base >= MAX_RESTRICTED_BODIES)
    return refuse('REL_BODIES', `expected at most ${MAX_RESTRICTED_BODIES} bodies from version ${head.base} on`)
  return undefined
}

export function rotateControl(judging: Judging, { handle, epoch, newControl, newSeal }: RotateControl): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  if (newControl === head.control || head.delegates.some(({ pub }) => pub === newControl)) return refuse('REL_KEY_REUSED')
  const newKey = decodeBase64Url(newControl)
  return (
    requireEpoch(epoch, head.epoch + 1) ??
    requireSigners(judging, decodeBase64Url(head.control), newKey) ??
    requireAdmissible(newKey) ??
    store(handle, { ...head, epoch, control: newControl, seal: newSeal })
  )
}

export function setDelegates(judging: Judging, { handle, epoch, delegates }: SetDelegates): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  if (delegates.some(({ pub }) => pub === head.control)) return refuse('REL_DELEGATE_CONTROL')
  return (
    requireEpoch(epoch, head.epoch + 1) ??
    requireSigners(judging, decodeBase64Url(head.control)) ??
    requireAdmissible(...delegates.map(({ pub }) => decodeBase64Url(pub))) ??
    store(handle, { ...head, epoch, delegates })
  )
}

/** At least m keys, each of which opens a hash of the head. */
function requireRecoveryKeys(head: RelationshipHead, opened: { readonly rand32: Bytes32; readonly keys: readonly Bytes32[] }): Refusal | undefined {
  const rand32 = decodeBase64Url(opened.rand32)
  const opening = opened.keys.filter((pub) => head.recovery.hashes.includes(recoveryHashOf(rand32, decodeBase64Url(pub))))
  if (opening.length !== opened.keys.length)
    return refuse('REL_RECOVERY_KEYS', `${opened.keys.length - opening.length} of ${opened.keys.length} keys open no recovery hash`)
  return opening.length >= head.recovery.m
    ? undefined
    : refuse('REL_RECOVERY_KEYS', `expected at least ${head.recovery.m} recovery keys, found ${opening.length}`)
}

export function setRecovery(judging: Judging, { handle, epoch, recovery, rand32, keys }: SetRecovery): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  const recoveryKeys = keys.map((pub) => decodeBase64Url(pub))
  return (
    requireEpoch(epoch, head.epoch + 1) ??
    requireRecoveryKeys(head, { rand32, keys }) ??
    requireSigners(judging, decodeBase64Url(head.control), ...recoveryKeys) ??
    requireAdmissible(...recoveryKeys) ??
    store(handle, { ...head, epoch, recovery })
  )
}

/** Raises the epoch at once; control and seal change 72 h later, unless the old control key vetoes. Replaces a pending close. */
export function recover(judging: Judging, { handle, epoch, newControl, newSeal, rand32, keys }: Recover): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  const signers = [...keys, newControl].map((pub) => decodeBase64Url(pub))
  return (
    requireEpoch(epoch, head.epoch + 1) ??
    requireRecoveryKeys(head, { rand32, keys }) ??
    requireSigners(judging, ...signers) ??
    requireAdmissible(...signers) ??
    store(handle, {
      ...head,
      epoch,
      status: 'recovering',
      pending: { kind: 'recover', control: newControl, seal: newSeal, at: judging.time + RECOVERY_WAIT_MS },
    })
  )
}

export function vetoRecovery(judging: Judging, { handle, epoch }: AtEpoch): Outcome {
  const raw = relationship(judging.state, handle)
  if (raw === undefined) return refuse('REL_UNKNOWN', `no relationship with handle \`${handle}\` on this ledger`)
  const head = effectiveHead(raw, judging.time)
  if (head.status !== 'recovering') return refuse('REL_NOTHING_TO_VETO', `no recovery of \`${handle}\` is pending`)
  return requireEpoch(epoch, head.epoch) ?? requireSigners(judging, decodeBase64Url(head.control)) ?? store(handle, { ...head, status: 'open', pending: null })
}

export function rebind(judging: Judging, { handle, epoch, bind }: Rebind): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  const holder = nodeSigner(judging, head.org)
  if (holder === undefined) return noNodeKey(head.org)
  return (
    requireEpoch(epoch, head.epoch + 1) ?? requireSigners(judging, holder.publicKey, decodeBase64Url(head.control)) ?? store(handle, { ...head, epoch, bind })
  )
}

/** Control closes at once. The holder's close waits 30 days, in which everything stays accepted. */
export function closeRelationship(judging: Judging, { handle, epoch }: AtEpoch): Outcome {
  const head = changeableHead(judging, handle)
  if (isRefusal(head)) return head
  const controlKey = decodeBase64Url(head.control)
  const wrongEpoch = requireEpoch(epoch, head.epoch)
  if (wrongEpoch !== undefined) return wrongEpoch
  if (isSignedBy(judging.transaction, controlKey)) return requireSigners(judging, controlKey) ?? store(handle, { ...head, status: 'closed', pending: null })
  const holder = nodeSigner(judging, head.org)
  if (holder === undefined) return noNodeKey(head.org)
  if (head.pending !== null) return refuse('REL_PENDING', `a close of \`${handle}\` is pending already`)
  return requireSigners(judging, holder.publicKey) ?? store(handle, { ...head, pending: { kind: 'close', at: judging.time + HOLDER_CLOSE_WAIT_MS } })
}
