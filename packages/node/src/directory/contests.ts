import { type Bytes32, encodeBase64Url, type OrganizationId, parseBytes32, parseOrganizationId } from '@fiducia/core'
import { fieldPolicy, parseStatement, type SubjectKey, subjectKind } from '@fiducia/directory'
import {
  assembleTransaction,
  type ContestRecord,
  contestStatus,
  CONTEST_WAIT_MS,
  type Ruling,
  signTransactionPartBy,
  type TransactionPayload,
} from '@fiducia/ledger'
import * as z from 'zod'
import type { NodeConfig } from '../config.ts'
import { NodeFailure } from '../failures.ts'
import { type Desk, nodeSigner, openDesk, type OperatorPorts, payloadOf, submit } from '../keys/desk.ts'
import { bytesColumn, integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'
import { batchTree } from './batch-store.ts'
import { openExistingDirectory } from './store.ts'

/**
 * What an operator does about a statement of another member that it doubts: contest one field of it, see how contests stand, and rule
 * where the ledger drew the organization (docs/spec/directory.md). The ledger has a commitment and the name of a field; what was
 * said of whom is read in the organization's own directory, which holds the batch.
 */
export interface ContestOperator {
  /** Contests what `against` said last of the field. Throws `NOT_FOUND` where it says nothing that counts, `TRANSACTION_REFUSED` as the ledger refuses. */
  open(doubt: Doubt): Promise<ShownContest>
  list(): Promise<readonly ShownContest[]>
  rule(id: Bytes32, ruling: Ruling): Promise<ShownContest>
}

export interface Doubt {
  readonly subject: SubjectKey
  /** As statements have it, such as `phone` or `license/OR/7`. */
  readonly field: string
  readonly against: OrganizationId
}

export interface ShownContest extends ContestRecord {
  readonly id: Bytes32
  readonly status: ReturnType<typeof contestStatus>
  /** Until when the panel should have ruled, milliseconds. */
  readonly due: number
  /** This organization is in the panel and has not ruled. */
  readonly isOurs: boolean
  /** What was said, by field; null where the batch is not here or its subject was erased. */
  readonly said: null | { readonly subject: SubjectKey; readonly fields: Readonly<Record<string, string | null>> }
}

/** Of a member whose node runs. */
export async function openContestOperator(config: NodeConfig, ports: OperatorPorts): Promise<ContestOperator & Disposable> {
  const desk = await openDesk(config, ports)
  const directory = openExistingDirectory(config.data)
  const list = async () => (await fetchContests(desk)).map((contest) => show(desk, directory, contest))
  const shown = async (id: Bytes32) => (await list()).find((contest) => contest.id === id) ?? notFound(`no contest \`${id}\` on the ledger`)
  return {
    list,
    async open(doubt) {
      const doubted = doubtedStatement(directory, doubt)
      await send(desk, 'contest.open', doubted)
      const { root, index, field } = doubted
      const opened = (await list()).find((contest) => contest.root === root && contest.index === index && contest.field === field)
      return opened ?? notFound('the contest that was just opened is not on the ledger')
    },
    async rule(id, ruling) {
      await send(desk, 'contest.rule', { contest: id, ruling })
      return shown(id)
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  }
}

const notFound = (message: string): never => {
  throw new NodeFailure('NOT_FOUND', message)
}

async function send(desk: Desk, type: 'contest.open' | 'contest.rule', body: TransactionPayload['body']): Promise<void> {
  const payload: TransactionPayload = { ...payloadOf(desk), type, body }
  const result = await submit(desk, assembleTransaction(payload, [await signTransactionPartBy(payload, await nodeSigner(desk))]))
  if ('code' in result) throw new NodeFailure('TRANSACTION_REFUSED', `the ledger refused: ${result.code}, ${result.message}`)
}

// ---- on the ledger --------------------------------------------------------------------------------------------------------

const bytes32 = z.string().transform((text) => parseBytes32(text))
const organization = z.string().transform((text) => parseOrganizationId(text))
const ruling = z.enum(['stands', 'falls', 'unclear'])
const record = z.object({
  root: bytes32,
  index: z.int(),
  com: bytes32,
  field: z.string(),
  org: organization,
  by: organization,
  at: z.int(),
  panel: z.array(organization),
  rulings: z.record(z.string(), ruling),
  outcome: ruling.nullable(),
})
const contestsSchema = z.object({ contests: z.array(z.object({ id: bytes32, record })) })

async function fetchContests({ node }: Desk): Promise<readonly (ContestRecord & { readonly id: Bytes32 })[]> {
  const { contests } = await node.ask('/ledger/contests', contestsSchema)
  return contests.map(({ id, record }) => ({ id, ...record }))
}

function show({ config, now }: Desk, directory: Database, contest: ContestRecord & { readonly id: Bytes32 }): ShownContest {
  const { outcome, panel, rulings, at } = contest
  const isOurs = outcome === null && panel.includes(config.org) && !Object.hasOwn(rulings, config.org)
  return { ...contest, status: contestStatus(contest, now()), due: at + CONTEST_WAIT_MS, isOurs, said: whatWasSaid(directory, contest) }
}

// ---- in the directory -----------------------------------------------------------------------------------------------------

/** What tells one of many apart, such as a number, stays off the ledger. */
const listedName = (field: string): string => field.split('/')[0] ?? ''

const LAST_SAID = `
  SELECT s.id, s.com, s.json, b.root, b.first, b.count FROM subject k JOIN statement s ON s.subject = k.id
  JOIN batch b ON b.id = s.batch JOIN voice v ON v.id = s.voice
  WHERE k.key = ? AND v.attester = ? AND b.height IS NOT NULL ORDER BY s.id DESC`

/** The last statement of the member that speaks of the field, with its place under a root that counts. */
function doubtedStatement(directory: Database, { subject, field, against }: Doubt) {
  fieldPolicy(subjectKind(subject), field)
  const row = directory.all(LAST_SAID, subject, against).find((one) => Object.hasOwn(statementOf(one).fields, field))
  if (row === undefined) return notFound(`\`${against}\` says nothing of \`${field}\` of this subject in a batch that counts`)
  const [first, count] = [integerColumn(row, 'first'), integerColumn(row, 'count')]
  const index = integerColumn(row, 'id') - first
  const path = batchTree(directory, { first, count }).inclusion(index)
  return {
    root: parseBytes32(textColumn(row, 'root')),
    index,
    com: parseBytes32(encodeBase64Url(bytesColumn(row, 'com'))),
    path: path.map((hash) => encodeBase64Url(hash)),
    field: listedName(field),
  }
}

const statementOf = (row: Readonly<Record<string, unknown>>) => parseStatement(JSON.parse(textColumn(row, 'json')), 'statement')

const CONTESTED = "SELECT s.json FROM batch b JOIN statement s ON s.id = b.first + ? WHERE b.root = ? AND s.json <> ''"

function whatWasSaid(directory: Database, { root, index, field }: ContestRecord): ShownContest['said'] {
  const row = directory.get(CONTESTED, index, root)
  if (row === undefined) return null
  const { subject, fields } = statementOf(row)
  return { subject, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => listedName(name) === field)) }
}
