import { type Bytes32, decodeBase64Url, encodeBase64Url, type Handle, parseBytes32, parseHandle, shape } from '@fiducia/core'
import { assembleTransaction, bindOf, handleOf, relationship, signTransactionPartBy, type TransactionPayload, type TransactionSignature } from '@fiducia/ledger'
import { chainOf, tagKeyOf } from '@fiducia/proofs'
import { NodeFailure } from '../failures.ts'
import { DESK_CODE_MS } from '../limits.ts'
import type { NodeContext } from '../node-context.ts'
import { bytesColumn, textColumn } from '../store/columns.ts'
import { createLocks } from './locks.ts'

/**
 * Relationships that this organization holds: which record in the silo a handle stands for, and the key K from which the
 * tags of its events follow. A patient opens one with a code that the desk hands over after looking at an identity
 * document; both sides sign `rel.open`. One open relationship for each record.
 */
export interface HeldRelationship {
  readonly handle: Handle
  /** `Patient/id` in the silo. */
  readonly record: string
  readonly k: Uint8Array
  readonly tagkey: Uint8Array
}

export interface Opening {
  readonly payload: TransactionPayload
  readonly controlSignature: TransactionSignature
  readonly k: Uint8Array
}

export interface Holder {
  /** For the desk: a code to hand over in person, good once within fifteen minutes. */
  issueDeskCode(record: string): string
  /** The commitment that goes into rel.open: which record, and how identity was proved. Does not use up the code. */
  beginOpening(code: string): { readonly bind: Bytes32 }
  /** Checks, countersigns and puts it on the ledger. */
  open(code: string, opening: Opening): Promise<{ readonly handle: Handle; readonly height: number }>
  find(handle: Handle): HeldRelationship | undefined
  readonly all: readonly HeldRelationship[]
}

interface DeskCode {
  readonly record: string
  readonly expires: number
  readonly salt: Uint8Array
}

const METHOD = 'desk'

const openShape = shape.object({
  handle: parseHandle,
  org: shape.text(40),
  control: parseBytes32,
  rand32: parseBytes32,
  recovery: shape.object({ m: shape.integer(1, 4), hashes: shape.array(parseBytes32, 4, 1) }),
  custody: shape.literal('self', 'custodial'),
  chain: parseBytes32,
  seal: parseBytes32,
  bind: parseBytes32,
})

export function createHolder(context: NodeContext): Holder {
  const { database, ledger, clock } = context
  const codes = new Map<string, DeskCode>()
  /** One opening at a time for each record: until its head is on the ledger nothing else shows that there is one. */
  const opened = createLocks()

  function codeRecord(code: string): DeskCode {
    const found = codes.get(code)
    if (found === undefined || found.expires < clock.now())
      throw new NodeFailure('DESK_CODE_INVALID', 'expected a code from the desk that is unused and less than 15 minutes old')
    return found
  }

  function refuseSecond(record: string): void {
    const known = database.all('SELECT handle FROM relationship WHERE record = ?', record).map((row) => relationship(ledger.tip(), parseHandle(row['handle'])))
    if (known.some((head) => head !== undefined && head.status !== 'closed'))
      throw new NodeFailure('RELATIONSHIP_EXISTS', 'the record already has an open relationship; close it first')
  }

  async function openOne(code: string, { payload, controlSignature, k }: Opening): Promise<{ readonly handle: Handle; readonly height: number }> {
    const desk = codeRecord(code)
    refuseSecond(desk.record)
    const handle = checkOpening(context, payload, desk, k)
    codes.delete(code)
    // The row goes first: a head on the ledger without a row would be a relationship that nobody can find.
    database.run('INSERT INTO relationship (handle, record, k, bind_salt, method) VALUES (?, ?, ?, ?, ?)', handle, desk.record, k, desk.salt, METHOD)
    const wire = assembleTransaction(payload, [await signTransactionPartBy(payload, context.keys.node), controlSignature])
    const { height, result } = await context.submit(wire)
    if (result.accepted) return { handle, height }
    database.run('DELETE FROM relationship WHERE handle = ?', handle)
    throw new NodeFailure('TRANSACTION_REFUSED', `the ledger refused the opening: ${result.code}, ${result.message}`)
  }

  return {
    issueDeskCode(record) {
      for (const [old, { expires }] of codes) if (expires < clock.now()) codes.delete(old)
      const code = encodeBase64Url(context.random(12))
      codes.set(code, { record, expires: clock.now() + DESK_CODE_MS, salt: context.random(32) })
      return code
    },
    beginOpening: (code) => {
      const { salt, record } = codeRecord(code)
      return { bind: bindOf(salt, { method: METHOD, record }) }
    },
    async open(code, opening) {
      return opened.run(codeRecord(code).record, () => openOne(code, opening))
    },
    find(handle) {
      const row = database.get('SELECT * FROM relationship WHERE handle = ?', handle)
      return row === undefined ? undefined : readRow(row)
    },
    get all() {
      return database.all('SELECT * FROM relationship').map(readRow)
    },
  }
}

function readRow(row: Readonly<Record<string, unknown>>): HeldRelationship {
  const k = bytesColumn(row, 'k')
  return { handle: parseHandle(row['handle']), record: textColumn(row, 'record'), k, tagkey: tagKeyOf(k) }
}

/** Everything that the holder's signature would vouch for, all problems at once. Gives the handle. */
function checkOpening(context: NodeContext, { net, type, body }: TransactionPayload, code: DeskCode, k: Uint8Array): Handle {
  const open = openShape(body, 'body')
  const expectedHandle = handleOf(context.net, context.org, decodeBase64Url(open.control), decodeBase64Url(open.rand32))
  const problems = [
    (net !== context.net || type !== 'rel.open') && 'it is no rel.open of this network',
    open.org !== context.org && 'it names another organization',
    open.handle !== expectedHandle && 'the handle does not follow from its parts',
    open.bind !== bindOf(code.salt, { method: METHOD, record: code.record }) && 'bind is not the one that was handed out',
    k.length !== 32 && 'K is not 32 bytes',
    open.chain !== chainOf(tagKeyOf(k)) && 'chain does not open to K',
  ].filter((problem) => problem !== false)
  if (problems.length > 0) throw new NodeFailure('BODY_INVALID', `the opening cannot be countersigned: ${problems.join('; ')}`)
  return expectedHandle
}
