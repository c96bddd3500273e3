import { type Bytes32, decodeBase64Url, domainHash, encodeHex, encodeUtf8, type GroupId, leafHash, type OrganizationId, verifyInclusion } from '@fiducia/core'
import { contestIdOf } from '../../derivations.ts'
import { PANEL_MEMBERS } from '../../limits.ts'
import { type Refusal, refuse } from '../../refusals.ts'
import { nodeSigner, noNodeKey, requireSigners } from '../../signers.ts'
import { accept, type Judging, type Outcome, refuseInput, type Write } from '../../transition.ts'
import type { LedgerState } from '../../types.ts'
import { groupOf, members } from '../membership/queries.ts'
import { batch, batchesBy, batchQuorum, batchStatus, contest, groupsOf, hold, merit, misses, roleKey, roleRecord } from './queries.ts'
import type { AuthorRecord, BatchRecord, ContestRecord, HoldBatch, MissBatch, OfferBatch, OpenContest, RoleStatement, RuleContest, Ruling } from './types.ts'

/**
 * Roles: a group vouches for one, or no longer does. All members of a group speak with one voice, in one row of versions.
 *
 * Batches: a member offers the root over its statements; the others fetch the blob, check it against the root, and say that they
 * hold it. Once a quorum of groups does, it counts, and can no longer be lost or changed by its author.
 *
 * Contests: who doubts one field of one statement shows that it stands in the batch. Three members of other groups rule,
 * drawn by a hash over the state before the block, which neither side chose. Only their outcomes move reliability.
 */

function stateRole(judging: Judging, { role, version, expires }: RoleStatement, withdrawn: boolean): Outcome {
  const signer = nodeSigner(judging)
  const group = signer === undefined ? undefined : groupOf(judging.state, signer.org)
  if (signer === undefined || group === undefined) return noNodeKey()
  const expected = (roleRecord(judging.state, role, group)?.version ?? 0) + 1
  if (version !== expected) return refuse('ROLE_VERSION', `expected version ${expected} of \`${group}\`, found ${version}`)
  return requireSigners(judging, signer.publicKey) ?? accept({ key: roleKey(role, group), value: { version, expires, withdrawn } })
}

export const attestRole = (judging: Judging, statement: RoleStatement): Outcome => stateRole(judging, statement, false)

export const withdrawRole = (judging: Judging, statement: RoleStatement): Outcome => stateRole(judging, statement, true)

// ---- batches ------------------------------------------------------------------------------------------------------------

interface SignedBy {
  readonly org: OrganizationId
  readonly group: GroupId
  readonly publicKey: Uint8Array
}

function memberSigner(judging: Judging): SignedBy | undefined {
  const signer = nodeSigner(judging)
  const group = signer === undefined ? undefined : groupOf(judging.state, signer.org)
  return signer === undefined || group === undefined ? undefined : { ...signer, group }
}

/** Offering is holding: the author's group has the blob first. */
export function offerBatch(judging: Judging, { root, count }: OfferBatch): Outcome {
  const { state, time } = judging
  const signer = memberSigner(judging)
  if (signer === undefined) return noNodeKey()
  if (batch(state, root) !== undefined) return refuse('BATCH_EXISTS')
  const n = batchesBy(state, signer.org)
  const record = heldBy(judging, root, { org: signer.org, n, count, at: time, counted: null }, signer.group)
  const author: AuthorRecord = { batches: n + 1 }
  return (
    requireSigners(judging, signer.publicKey) ??
    accept({ key: `batch/${root}`, value: record }, { key: `author/${signer.org}`, value: author }, holdWrite(judging, root, signer))
  )
}

export function holdBatch(judging: Judging, { root }: HoldBatch): Outcome {
  const { state, time } = judging
  const signer = memberSigner(judging)
  if (signer === undefined) return noNodeKey()
  const record = batch(state, root)
  if (record === undefined) return refuse('BATCH_UNKNOWN')
  if (batchStatus(record, time) === 'lapsed') return refuse('BATCH_LAPSED')
  if (hold(state, root, signer.group) !== undefined) return refuse('HOLD_EXISTS')
  const held = heldBy(judging, root, record, signer.group)
  const writes = [holdWrite(judging, root, signer), ...(held === record ? [] : [{ key: `batch/${root}`, value: held }])]
  return requireSigners(judging, signer.publicKey) ?? accept(...writes)
}

const holdWrite = ({ time }: Judging, root: Bytes32, { org, group }: SignedBy): Write => ({ key: `hold/${root}/${group}`, value: { org, at: time } })

/** The record once this group holds the batch too: it begins to count where that makes the quorum. */
function heldBy({ state, time, height }: Judging, root: Bytes32, record: BatchRecord, group: GroupId): BatchRecord {
  const holding = groupsOf(state).filter((one) => one === group || hold(state, root, one) !== undefined).length
  return record.counted === null && holding >= batchQuorum(state) ? { ...record, counted: { at: time, height } } : record
}

/** Who says that it holds a batch and does not give it out is named, group by group. */
export function missBatch(judging: Judging, { root, org }: MissBatch): Outcome {
  const { state } = judging
  const signer = memberSigner(judging)
  if (signer === undefined) return noNodeKey()
  const group = groupOf(state, org)
  if (group === undefined || hold(state, root, group)?.org !== org) return refuse('HOLD_UNKNOWN', `\`${org}\` never said that it holds the batch`)
  if (group === signer.group) return refuse('CONTEST_OWN')
  const by = misses(state, root, org)
  if (by.includes(signer.group)) return refuse('MISS_EXISTS')
  return requireSigners(judging, signer.publicKey) ?? accept({ key: `miss/${root}/${org}`, value: { by: [...by, signer.group].sort() } })
}

// ---- contests -----------------------------------------------------------------------------------------------------------

export function openContest(judging: Judging, body: OpenContest): Outcome {
  const { state, time } = judging
  const { root, index, com, field } = body
  const signer = memberSigner(judging)
  if (signer === undefined) return noNodeKey()
  const record = batch(state, root)
  if (record === undefined) return refuse('BATCH_UNKNOWN')
  if (record.counted === null) return refuse('BATCH_UNCOUNTED')
  if (groupOf(state, record.org) === signer.group) return refuse('CONTEST_OWN')
  const id = contestIdOf(body)
  if (contest(state, id) !== undefined) return refuse('CONTEST_EXISTS')
  const astray = judgePath(body, record)
  if (astray !== undefined) return astray
  const panel = drawPanel(judging, id, [record.org, signer.org])
  if (panel.length < PANEL_MEMBERS) return refuse('CONTEST_PANEL', `expected ${PANEL_MEMBERS} uninvolved members, found ${panel.length}`)
  const opened: ContestRecord = { root, index, com, field, org: record.org, by: signer.org, at: time, panel, rulings: {}, outcome: null }
  return requireSigners(judging, signer.publicKey) ?? accept({ key: `contest/${id}`, value: opened })
}

const judgePath = ({ root, index, com, path }: OpenContest, { count }: BatchRecord): Refusal | undefined =>
  refuseInput('CONTEST_PATH', () =>
    verifyInclusion(
      index,
      count,
      leafHash(decodeBase64Url(com)),
      path.map((hash) => decodeBase64Url(hash)),
      decodeBase64Url(root),
    ),
  )

/** Three members whose groups have no part in it, by the smallest H(D("panel") ‖ id ‖ state root before the block ‖ org): one of each group first, then others. */
function drawPanel({ state, before }: Judging, id: Bytes32, involved: readonly OrganizationId[]): readonly OrganizationId[] {
  const seed = [decodeBase64Url(id), before.tree.root]
  const barred = new Set<GroupId | undefined>(involved.map((org) => groupOf(state, org)))
  const drawn = members(state)
    .filter(({ group }) => !barred.has(group))
    .map(({ org, group }) => ({ org, group, lot: encodeHex(domainHash('panel', ...seed, encodeUtf8(org))) }))
    .sort((one, two) => (one.lot < two.lot ? -1 : 1))
  const isFirst = ({ group, org }: (typeof drawn)[number]): boolean => drawn.find((one) => one.group === group)?.org === org
  return [...drawn.filter(isFirst), ...drawn.filter((one) => !isFirst(one))]
    .slice(0, PANEL_MEMBERS)
    .map(({ org }) => org)
    .sort()
}

export function ruleContest(judging: Judging, { contest: id, ruling }: RuleContest): Outcome {
  const { state } = judging
  const record = contest(state, id)
  if (record === undefined) return refuse('CONTEST_UNKNOWN')
  const signer = nodeSigner(judging)
  if (signer === undefined) return noNodeKey()
  if (record.outcome !== null) return refuse('CONTEST_DECIDED')
  if (!record.panel.includes(signer.org) || Object.hasOwn(record.rulings, signer.org)) return refuse('CONTEST_RULER')
  const rulings = { ...record.rulings, [signer.org]: ruling }
  const ruled: ContestRecord = { ...record, rulings, outcome: outcomeOf(Object.values(rulings)) }
  return requireSigners(judging, signer.publicKey) ?? accept({ key: `contest/${id}`, value: ruled }, ...meritWrites(state, ruled))
}

/** What a majority of the panel says; `unclear` when all have ruled and none has it. */
function outcomeOf(rulings: readonly Ruling[]): Ruling | null {
  const majority = rulings.find((ruling) => rulings.filter((one) => one === ruling).length * 2 > PANEL_MEMBERS)
  return majority ?? (rulings.length === PANEL_MEMBERS ? 'unclear' : null)
}

function meritWrites(state: LedgerState, { org, by, outcome }: ContestRecord): readonly Write[] {
  if (outcome === null || outcome === 'unclear') return []
  const stands = outcome === 'stands'
  return [
    { key: `merit/${org}`, value: movedMerit(state, org, stands) },
    { key: `merit/${by}`, value: movedMerit(state, by, !stands) },
  ]
}

function movedMerit(state: LedgerState, org: OrganizationId, isRight: boolean): { readonly right: number; readonly wrong: number } {
  const { right, wrong } = merit(state, org)
  return isRight ? { right: right + 1, wrong } : { right, wrong: wrong + 1 }
}
