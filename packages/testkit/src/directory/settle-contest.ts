import { type Bytes32, encodeBase64Url, type JsonObject, leafHash, type OrganizationId, parseBytes32 } from '@fiducia/core'
import { decodeLine, lineCommitment } from '@fiducia/directory'
import { assembleTransaction, batches, batchesBy, contest, type LedgerState, signTransactionPartBy, type TransactionType } from '@fiducia/ledger'
import { createHashLog } from '@fiducia/proofs'
import type { Network } from '../network/network.ts'

/** One field of one statement in the newest batch of a member, which has one page; who doubts it, and what the panel says. */
export interface Contested {
  readonly of: OrganizationId
  readonly index: number
  readonly field: string
  readonly by: OrganizationId
  readonly ruling: 'stands' | 'falls'
}

/** A contest from its opening to its outcome, through the nodes of those who take part. Five groups at least. Throws where the ledger refuses a step. */
export async function settleContest(network: Network, { of, index, field, by, ruling }: Contested): Promise<void> {
  const state = () => network.node(network.genesis.operator).services.context.ledger.tip()
  const { root } = batches(state()).findLast(({ org, n }) => org === of && n === batchesBy(state(), of) - 1) ?? nothingSaid(of)
  const page = network.node(of).services.batches.page(root, 0) ?? new Uint8Array()
  const commitments = linesIn(page).map((line) => lineCommitment(decodeLine(line)))
  const com = encodeBase64Url(commitments[index] ?? new Uint8Array())
  const path = createHashLog(commitments.map(leafHash)).inclusion(index).map(encodeBase64Url)
  const known = new Set(contestsIn(state()))
  await submit(network, by, 'contest.open', { root, index, com, path, field })
  for (const id of contestsIn(state()).filter((one) => !known.has(one)))
    for (const judge of contest(state(), id)?.panel.slice(0, 2) ?? []) await submit(network, judge, 'contest.rule', { contest: id, ruling })
  await network.settle()
}

const nothingSaid = (org: OrganizationId): never => {
  throw new Error(`expected a batch of \`${org}\`, found none`)
}

function linesIn(page: Uint8Array): readonly Uint8Array[] {
  const texts = Buffer.from(page).toString().split('\n').slice(0, -1)
  return texts.map((text) => new Uint8Array(Buffer.from(text)))
}

const contestsIn = ({ tree }: LedgerState): readonly Bytes32[] =>
  [...tree.entries()].flatMap(({ key }) => (key.startsWith('contest/') ? [parseBytes32(key.slice('contest/'.length))] : []))

async function submit(network: Network, org: OrganizationId, type: TransactionType, body: JsonObject): Promise<void> {
  await network.settle()
  const { net, keys, clock, submit } = network.node(org).services.context
  const payload = { net, type, body, validUntil: clock.now() + VALID_MS }
  const { result } = await submit(assembleTransaction(payload, [await signTransactionPartBy(payload, keys.node)]))
  if (!result.accepted) throw new Error(`expected the ledger to take \`${type}\`, found ${result.code}`)
  await network.settle()
}

const VALID_MS = 60_000
