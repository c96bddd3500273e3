import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decodeBase64Url,
  ed25519KeyId,
  encodeBase64Url,
  encodeUtf8,
  equalBytes,
  parseAccessLogOrigin,
  parseBytes32,
  parseCheckpoint,
  parseNote,
  sha256,
  shape,
  verifySignature,
} from '@fiducia/core'
import { fsckLedger, readSignedSize } from '@fiducia/engine'
import { decodeTransaction, policyCommitment } from '@fiducia/ledger'
import { blindOf, decodeLeaf, eventCom, hashOfLeaf, mirrorCom, mirrorTag, openSealedCopy, parseReceipt, readDisclosure, redactionCom } from '@fiducia/proofs'
import { fsckDirectory } from './directory/fsck.ts'
import { directoryFiles } from './directory/store.ts'
import { createOld } from './erasure/old.ts'
import { readRetained } from './erasure/retained.ts'
import { readTombstones } from './erasure/tombstones.ts'
import { createMirror, type Mirror } from './access-log/mirror.ts'
import { readStoredEvent } from './gateway/evidence.ts'
import { nodeFiles } from './node-files.ts'
import { readPolicyFile } from './relationships/policy-files.ts'
import { bytesColumn, integerColumn, textColumn } from './store/columns.ts'
import { type Database, openDatabase } from './store/database.ts'

/**
 * Checks a node's data directory from its bytes, the node not running: the ledger replica (every entry replayed), every
 * leaf of the own and the mirrored logs by the rules, the sign-once files, every event against its leaf, every policy
 * version against its commitment, every receipt against the mirror entry that was written for it; and the directory, if one is kept there.
 */
export interface Finding {
  readonly code: string
  readonly at: string
  readonly detail: string
}

export interface NodeFsck {
  readonly ok: boolean
  readonly checked: {
    readonly blocks: number
    readonly transactions: number
    readonly stateKeys: number
    readonly logEntries: number
    readonly blobs: number
    readonly statements: number
  }
  readonly findings: readonly Finding[]
}

export async function fsckNode(dir: string): Promise<NodeFsck> {
  const files = nodeFiles(dir)
  const ledger = await fsckLedger(files.ledger)
  const findings: Finding[] = [...ledger.findings]
  let logEntries = 0
  let blobs = 0
  if (!existsSync(files.database)) findings.push({ code: 'FILE', at: path.basename(files.database), detail: 'expected the node’s store, found none' })
  // A store that SQLite itself cannot read is one finding; what lies outside of it is checked all the same.
  else {
    guarded(findings, 'FILE', path.basename(files.database), () => {
      using database = openDatabase(files.database)
      for (const detail of database.damage()) findings.push({ code: 'FILE', at: path.basename(files.database), detail })
      const logs = checkLogs(database, files, findings)
      logEntries = [...logs.values()].reduce((sum, log) => sum + log.size, 0)
      checkCounts(database, findings)
      checkErased(database, files.erased, findings)
      checkRetained(database, { file: files.retained, logs }, findings)
      blobs = checkEvents(database, findings) + checkRedactions(database, findings) + checkLinks(database, findings) + checkReceipts(database, findings)
    })
  }
  blobs += checkPolicies(files.policies, findings)
  const directory = existsSync(directoryFiles(dir).database) ? fsckDirectory(dir) : { statements: 0, findings: [] }
  findings.push(...directory.findings)
  const { blocks, transactions, stateKeys } = ledger
  return {
    ok: findings.length === 0,
    checked: { blocks, transactions, stateKeys, logEntries: logEntries + ledger.logEntries, blobs, statements: directory.statements },
    findings,
  }
}

const OWN_ORIGIN = 'SELECT DISTINCT origin FROM event UNION SELECT origin FROM sealed_note'

/** Runs `check`; whatever it throws becomes a finding. */
function guarded(findings: Finding[], code: string, at: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    findings.push({ code, at, detail: error instanceof Error ? error.message : 'cannot be read' })
  }
}

function insist(holds: boolean, detail: string): void {
  if (!holds) throw new Error(detail)
}

function checkLogs(database: Database, files: ReturnType<typeof nodeFiles>, findings: Finding[]): ReadonlyMap<string, Mirror> {
  const logs = new Map<string, Mirror>()
  for (const row of database.all('SELECT origin, idx, bytes FROM leaf ORDER BY origin, idx')) {
    const origin = textColumn(row, 'origin')
    const log = logs.get(origin) ?? createMirror()
    logs.set(origin, log)
    guarded(findings, 'LEAF', `${origin} ${integerColumn(row, 'idx')}`, () => {
      insist(integerColumn(row, 'idx') === log.size, `expected entry ${log.size}, found a gap`)
      log.append(bytesColumn(row, 'bytes'))
    })
  }
  for (const [name, sql] of [
    ['sealed', 'SELECT origin, size, note FROM sealed_note'],
    ['witnessed', 'SELECT origin, size, root, note FROM witnessed'],
  ] as const) {
    for (const row of database.all(sql)) guarded(findings, 'NOTE', `${name} ${textColumn(row, 'origin')}`, () => checkNote(row, logs))
  }
  for (let k = 1; k === 1 || existsSync(files.signed(k)); k += 1) {
    // A log that was frozen may have lost what it signed: that is why the next one took its place.
    if (existsSync(files.frozen(k)) || existsSync(files.signed(k + 1))) continue
    guarded(findings, 'SIGNED', `outside/signed-${k}`, () => checkSigned(files.signed(k), ownLogs(database, logs, k)))
  }
  return logs
}

/**
 * Log k as this node writes it: its events, seals and mirror entries say which. Before there are any, it can be each one that is
 * not known to be followed; leaves of another's log may be stored before its first checkpoint is cosigned.
 */
function ownLogs(database: Database, logs: ReadonlyMap<string, Mirror>, k: number): readonly Mirror[] {
  const own = ownOrigins(database)
  const followed = new Set(database.all('SELECT origin FROM witnessed').map((one) => textColumn(one, 'origin')))
  const isOwn = (name: string) => (own.length === 0 ? !followed.has(name) : own.some((origin) => name === origin.replace(/\d+$/, String(k))))
  return [...logs].flatMap(([name, log]) => (name.endsWith(`/${k}`) && isOwn(name) ? [log] : []))
}

const ownOrigins = (database: Database): readonly string[] => database.all(OWN_ORIGIN).map((row) => textColumn(row, 'origin'))

function checkNote(row: Readonly<Record<string, unknown>>, logs: ReadonlyMap<string, Mirror>): void {
  const { origin, size, root } = parseCheckpoint(parseNote(textColumn(row, 'note')).text)
  insist(textColumn(row, 'origin') === origin && integerColumn(row, 'size') === size, 'the note is of another size, or of another log')
  insist(row['root'] === undefined || equalBytes(bytesColumn(row, 'root'), root), 'the note has another root than its row')
  const log = logs.get(origin)
  // The ledger's own notes are judged with its entries; of a log outside the network only the last note is kept.
  if (parseAccessLogOrigin(origin) === undefined) return
  insist(log !== undefined && size <= log.size, `expected ${size} entries below the note`)
  insist(equalBytes(log?.root(size) ?? new Uint8Array(), root), 'the entries have another root than the note')
}

function checkSigned(file: string, logs: readonly Mirror[]): void {
  const signed = readSignedSize(file)
  if (signed === undefined) return insist(logs.length === 0, 'the log has entries, but the file of its last signed size is missing')
  const { size, root } = signed
  insist(size === 0 || logs.some((log) => size <= log.size && equalBytes(log.root(size), root)), `the entries do not extend the signed size ${size}`)
}

function checkEvents(database: Database, findings: Finding[]): number {
  const rows = database.all(
    'SELECT event.origin, event.idx, event.content, event.sealed, leaf.bytes, relationship.k FROM event JOIN leaf ON leaf.origin = event.origin AND leaf.idx = event.idx LEFT JOIN relationship ON relationship.handle = event.handle',
  )
  for (const row of rows) {
    guarded(findings, 'EVENT', `${textColumn(row, 'origin')} ${integerColumn(row, 'idx')}`, () => {
      const event = readStoredEvent(textColumn(row, 'content'))
      const blind = blindOf(decodeBase64Url(event.salt2), event.decision)
      insist(
        equalBytes(eventCom(decodeBase64Url(event.salt), event.disclosure, blind), decodeLeaf(bytesColumn(row, 'bytes')).com),
        'the event does not open its leaf',
      )
      if (row['sealed'] === null || row['k'] === null) return
      insist(openSealedCopy(bytesColumn(row, 'k'), bytesColumn(row, 'sealed')).disclosure === event.disclosure, 'the patient’s sealed copy says something else')
    })
  }
  return rows.length
}

/** The next n of a relationship is the number of its events, those that were erased by age among them: another would leave a gap, or give a tag twice. */
function checkCounts(database: Database, findings: Finding[]): void {
  const rows = database.all(
    'SELECT next_n.handle, next_n.origin, next_n.n, next_n.erased + (SELECT count(*) FROM event WHERE event.handle = next_n.handle AND event.origin = next_n.origin) AS events FROM next_n',
  )
  for (const row of rows) {
    guarded(findings, 'COUNT', `${textColumn(row, 'origin')} ${textColumn(row, 'handle')}`, () =>
      insist(
        integerColumn(row, 'n') === integerColumn(row, 'events'),
        `expected the next n to be ${integerColumn(row, 'events')}, found ${integerColumn(row, 'n')}`,
      ),
    )
  }
}

/** What was erased must not be there: a backup that was put back holds it until the node is started. */
function checkErased(database: Database, file: string, findings: Finding[]): void {
  guarded(findings, 'FILE', 'outside/erased.json', () => {
    for (const { kind, name } of readTombstones(file)) {
      if (database.get(`SELECT 1 FROM ${WHERE_ERASED[kind]} = ?`, name) !== undefined)
        findings.push({
          code: 'ERASED',
          at: `${kind} ${name}`,
          detail: 'it was erased, and a copy that was put back holds it again: start the node, which erases it',
        })
    }
  })
}

const WHERE_ERASED = { relationship: 'relationship WHERE handle', link: 'link WHERE hash', custody: 'custody WHERE id' } as const

/** The same for what was erased by age, where that was done to the end. */
function checkRetained(database: Database, { file, logs }: { readonly file: string; readonly logs: ReadonlyMap<string, Mirror> }, findings: Finding[]): void {
  guarded(findings, 'FILE', 'outside/retained.json', () => {
    const { before, held, isDone } = readRetained(file)
    if (!isDone || before === 0) return
    const aged = [...logs].map(([origin, { size }]) => ({ origin, size, leaf: (index: number) => leafOf(database, origin, index) }))
    const count = [...createOld(database, () => aged).counts(before, held)].reduce((sum, some) => sum + some, 0)
    if (count > 0)
      findings.push({
        code: 'ERASED',
        at: `${count} entries before slot ${before}`,
        detail: 'they were erased by age, and a copy that was put back holds them again: start the node, which erases them',
      })
  })
}

const leafOf = (database: Database, origin: string, index: number): Uint8Array =>
  bytesColumn(database.get('SELECT bytes FROM leaf WHERE origin = ? AND idx = ?', origin, index) ?? {}, 'bytes')

function checkRedactions(database: Database, findings: Finding[]): number {
  const rows = database.all(
    'SELECT redaction.origin, redaction.idx, salt, content, bytes FROM redaction JOIN leaf ON leaf.origin = redaction.origin AND leaf.idx = redaction.idx',
  )
  for (const row of rows) {
    guarded(findings, 'REDACTION', `${textColumn(row, 'origin')} ${integerColumn(row, 'idx')}`, () => {
      const { count, ground, request } = redactionShape(JSON.parse(textColumn(row, 'content')), 'content')
      const com = redactionCom(bytesColumn(row, 'salt'), { count, ground, request })
      insist(equalBytes(com, decodeLeaf(bytesColumn(row, 'bytes')).com), 'the redaction does not open its leaf')
    })
  }
  return rows.length
}

const redactionShape = shape.object({ count: shape.integer(), ground: shape.text(100), request: parseBytes32 })

function checkLinks(database: Database, findings: Finding[]): number {
  const rows = database.all('SELECT hash, object FROM link')
  for (const row of rows) {
    guarded(findings, 'LINK', textColumn(row, 'hash'), () =>
      insist(encodeBase64Url(sha256(encodeUtf8(textColumn(row, 'object')))) === textColumn(row, 'hash'), 'the link has another hash'),
    )
  }
  return rows.length
}

function checkReceipts(database: Database, findings: Finding[]): number {
  const own = ownOrigins(database)
  const rows = database.all('SELECT leaf_hash, receipt, mirror_salt, mirror_index FROM copy')
  for (const row of rows) {
    guarded(findings, 'RECEIPT', textColumn(row, 'leaf_hash'), () => {
      const text = textColumn(row, 'receipt')
      const receipt = parseReceipt(text)
      const leaf = decodeBase64Url(receipt.leaf)
      insist(equalBytes(hashOfLeaf(leaf), decodeBase64Url(textColumn(row, 'leaf_hash'))), 'the receipt is of another leaf')
      if (own.length === 0) return
      const entries = own.flatMap((origin) => database.all('SELECT bytes FROM leaf WHERE origin = ? AND idx = ?', origin, integerColumn(row, 'mirror_index')))
      insist(entries.length > 0, 'the mirror entry is missing')
      const tag = mirrorTag(decodeBase64Url(readDisclosure(receipt.disclosure).mirrorKey), leaf)
      const mirror = entries.map((entry) => decodeLeaf(bytesColumn(entry, 'bytes'))).find((entry) => equalBytes(entry.tag, tag))
      insist(mirror !== undefined, 'the mirror entry has another tag')
      insist(equalBytes(mirror?.com ?? new Uint8Array(), mirrorCom(bytesColumn(row, 'mirror_salt'), text)), 'the mirror entry does not open to the receipt')
    })
  }
  return rows.length
}

function checkPolicies(folder: string, findings: Finding[]): number {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  for (const name of names) {
    guarded(findings, 'POLICY', name, () => {
      const version = readPolicyFile(new Uint8Array(readFileSync(path.join(folder, name))))
      insist(policyCommitment(version.body, version.salt) === version.commitment, 'the body does not open the commitment')
      const { body, signatures, signedBytes } = decodeTransaction(version.wire)
      insist(body['commitment'] === version.commitment && body['version'] === version.version, 'the signed transaction commits to another policy')
      const [signature] = signatures
      const by = decodeBase64Url(version.by)
      const isSigned = signature !== undefined && signature.key === ed25519KeyId(by) && verifySignature(by, signedBytes, signature.sig)
      insist(isSigned, 'the transaction is not signed by the key that is named')
      insist(name === `${version.handle}.${version.commitment}.json`, 'the file has the name of another policy')
    })
  }
  return names.length
}
