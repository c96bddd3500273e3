import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { leafHash, parseCheckpoint, parseNote, rootOfLeafHashes } from '@fiducia/core'
import { decodeEntryBundle } from '@fiducia/proofs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, exportTiles, fsckLedger, openEmbeddedEngine, readNewestValues, readStateAt } from '../src/index.ts'
import { genesisBytes, ledgerSeed, patient, seedOf, signers, signersOf, START, TestClock } from './network.ts'

/** What the embedded engine keeps on disk, and what it does when that is not as it left it. */

let root: string
let dir: string
const clock = new TestClock()
let engine: Engine | undefined

const open = async (options: { readonly genesis?: Uint8Array; readonly seed?: Uint8Array } = {}): Promise<Engine> => {
  engine = await openEmbeddedEngine({
    dir,
    genesis: options.genesis ?? genesisBytes(),
    signers: signersOf(options.seed ?? ledgerSeed),
    clock,
    groupCommitMs: 5,
  })
  return engine
}
const close = async () => {
  await engine?.[Symbol.asyncDispose]()
  engine = undefined
}
const grow = async (count: number, label = 'p') => {
  const running = engine ?? (await open())
  const inclusions = await Promise.all(Array.from({ length: count }, (_, i) => running.submit(patient(`${label}${i}`).open(START))))
  expect(inclusions.every(({ result }) => result.accepted)).toBe(true)
  return running
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fiducia-embedded-'))
  dir = path.join(root, 'ledger')
})
afterEach(async () => {
  await close()
  rmSync(root, { recursive: true })
})

describe('submitting', () => {
  it('gathers what arrives together, and answers each sender', async () => {
    const running = await grow(300)
    expect(running.tip().height).toBeLessThan(60)
    const rosa = patient('rosa')
    const [opened, set, again] = await Promise.all([running.submit(rosa.open(START)), running.submit(rosa.set(1, START)), running.submit(rosa.set(1, START))])
    expect(opened.result).toMatchObject({ accepted: true })
    expect(set).toEqual(again)
    expect(set.result).toMatchObject({ accepted: true })
    expect((await running.submit(rosa.set(1, START))).result).toMatchObject({ accepted: false, code: 'REL_VERSION' })
  })

  it('makes the blocks of all that wait before it closes, and takes nothing afterwards', async () => {
    const running = await open()
    const waiting = Array.from({ length: 50 }, (_, i) => running.submit(patient(`p${i}`).open(START)))
    await close()
    for (const { result } of await Promise.all(waiting)) expect(result).toMatchObject({ accepted: true })
    await expect(running.submit(patient('late').open(START))).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
    expect((await open()).log.size()).toBeGreaterThan(50)
  })

  it('tells every sender when a block cannot be stored, and counts nothing of it', async () => {
    const running = await grow(1)
    const size = running.log.size()
    const other = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    other.exec("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT raise(ABORT, 'disk full'); END")
    const both = await Promise.allSettled([running.submit(patient('a').open(START)), running.submit(patient('b').open(START))])
    expect(both.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(['ENGINE_STOPPED', 'ENGINE_STOPPED'])
    expect(running.log.size()).toBe(size)
    await expect(running.submit(patient('c').open(START))).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
    other.exec('DROP TRIGGER full')
    other.close()
    await close()
    expect((await grow(1, 'again')).log.size()).toBe(size + 2)
  })
})

describe('reading a directory that is in use', () => {
  it('gives the state after each height, compared with its block, and nothing for a height that is not there', async () => {
    const running = await grow(3)
    const before = running.tip()
    await grow(2, 'q')
    for (const state of [before, running.tip()]) {
      const read = readStateAt(dir, state.height)
      expect({ height: read?.height, time: read?.time, root: read?.tree.root }).toEqual({ height: state.height, time: state.time, root: state.tree.root })
    }
    expect(readStateAt(dir, 0)?.height).toBe(0)
    expect(readStateAt(dir, -1)).toBeUndefined()
    expect(readStateAt(dir, running.tip().height + 1)).toBeUndefined()
    await close()
    const database = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    database.prepare("UPDATE version SET value = replace(value, '1', '2') WHERE height = ?").run(before.height)
    database.close()
    expect(() => readStateAt(dir, before.height)).toThrow('the stored versions do not give the state of height')
  })

  it('gives the newest values below a prefix, and no others', async () => {
    const rosa = patient('rosa')
    const running = await grow(3)
    for (const wire of [rosa.open(START), rosa.set(1, START)]) await running.submit(wire)
    const { height, time, tree } = running.tip()
    const read = readNewestValues(dir, 'rel/')
    expect({ height: read.height, time: read.time }).toEqual({ height, time })
    const below = [...tree.entries()].filter(({ key }) => key.startsWith('rel/'))
    expect([...read.tree.entries()]).toEqual(below)
    expect(below).toHaveLength(4)
    expect([...readNewestValues(dir, 'nothing/').tree.entries()]).toEqual([])
    expect(readNewestValues(dir, '').tree.root).toEqual(tree.root)
  })
})

describe('starting', () => {
  it('refuses a second process on the same directory, with words that help', async () => {
    await open()
    await expect(openEmbeddedEngine({ dir, genesis: genesisBytes(), signers, clock })).rejects.toMatchObject({
      code: 'ENGINE_LOCKED',
      message: expect.stringContaining(String(process.pid)),
    })
    await close()
    await open()
  })

  it('refuses another genesis and another key', async () => {
    await open()
    await close()
    await expect(open({ genesis: genesisBytes(START + 1) })).rejects.toMatchObject({ code: 'STORE_OTHER_GENESIS' })
    await expect(open({ seed: seedOf('somebody') })).rejects.toMatchObject({ code: 'ENGINE_KEY' })
    await open()
  })

  it('refuses a file that is no ledger', async () => {
    await grow(1)
    await close()
    writeFileSync(path.join(dir, 'ledger.sqlite'), 'not a database at all, but long enough to be looked at as one'.repeat(100))
    await expect(open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect((await fsckLedger(dir)).findings).toMatchObject([{ code: 'FILE' }])
  })

  it('refuses a state that is not that of the log', async () => {
    await grow(3)
    await close()
    const database = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    database.exec(
      "UPDATE version SET value = replace(value, '\"epoch\":0', '\"epoch\":1') WHERE key = (SELECT key FROM version WHERE key LIKE 'rel/%' LIMIT 1)",
    )
    database.close()
    await expect(open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect((await fsckLedger(dir)).findings).toContainEqual(expect.objectContaining({ code: 'STATE' }))
  })

  it('keeps what was acknowledged when the process ends without closing', async () => {
    const running = await grow(20)
    const copy = path.join(root, 'crashed')
    await running.checkpoint()
    cpSync(dir, copy, { recursive: true })
    const [size, logRoot] = [running.log.size(), running.log.root()]
    await close()
    dir = copy
    const again = await open()
    expect([again.log.size(), again.log.root()]).toEqual([size, logRoot])
    expect((await again.submit(patient('rosa').open(START))).result).toMatchObject({ accepted: true })
  })
})

describe('signing once', () => {
  it('gives the same note for a size, signed after the file is written', async () => {
    const running = await grow(3)
    const note = await running.checkpoint()
    expect(await running.checkpoint()).toBe(note)
    expect(parseCheckpoint(parseNote(note).text)).toMatchObject({ origin: 'test/ledger', size: running.log.size(), root: running.log.root() })
    await close()
    expect(await (await open()).checkpoint()).toBe(note)
  })

  it('refuses to start when the file is gone while the ledger holds blocks', async () => {
    await grow(1)
    await engine?.checkpoint()
    await close()
    rmSync(path.join(dir, 'signed'))
    await expect(open()).rejects.toMatchObject({ code: 'SIGNED_LOST' })
    writeFileSync(path.join(dir, 'signed'), new Uint8Array(256))
    await expect(open()).rejects.toMatchObject({ code: 'SIGNED_LOST' })
  })

  it('refuses to start on a ledger that was restored from an older copy', async () => {
    await grow(1)
    await engine?.checkpoint()
    await close()
    copyFileSync(path.join(dir, 'ledger.sqlite'), path.join(root, 'backup.sqlite'))
    await grow(1, 'later')
    await engine?.checkpoint()
    await close()
    copyFileSync(path.join(root, 'backup.sqlite'), path.join(dir, 'ledger.sqlite'))
    await expect(open()).rejects.toMatchObject({ code: 'SIGNED_AHEAD' })
    expect((await fsckLedger(dir)).findings).toMatchObject([{ code: 'SIGNED' }])
  })

  it('refuses to start on another history than the one signed', async () => {
    await grow(1, 'first')
    await engine?.checkpoint()
    await close()
    copyFileSync(path.join(dir, 'signed'), path.join(root, 'signed'))
    rmSync(dir, { recursive: true })
    await grow(2, 'second')
    await engine?.checkpoint()
    await close()
    copyFileSync(path.join(root, 'signed'), path.join(dir, 'signed'))
    await expect(open()).rejects.toMatchObject({ code: 'SIGNED_FORK' })
  })

  it('survives a torn write of the newest record', async () => {
    await grow(1)
    await engine?.checkpoint()
    await grow(1, 'later')
    await engine?.checkpoint()
    await close()
    const file = path.join(dir, 'signed')
    const bytes = new Uint8Array(readFileSync(file))
    expect(bytes).toHaveLength(256)
    bytes[130] = (bytes[130] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await open()
  })
})

describe('checking a directory', () => {
  it('finds nothing in what the engine wrote', async () => {
    await grow(20)
    await engine?.checkpoint()
    const size = engine?.log.size()
    await expect(fsckLedger(dir)).rejects.toMatchObject({ code: 'ENGINE_LOCKED' })
    await close()
    const checked = await fsckLedger(dir)
    expect(checked).toMatchObject({ transactions: 20, logEntries: size, findings: [] })
    expect(checked.stateKeys).toBeGreaterThan(20)
  })

  const damages: readonly (readonly [string, string, string])[] = [
    [
      'a changed transaction',
      'UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), \'"custody":"self"\', \'"custody":"custodial"\') AS BLOB) WHERE idx = 2',
      'LOG',
    ],
    ['a lost block entry', 'UPDATE entry SET bytes = zeroblob(57) WHERE idx = 3', 'LOG'],
    ['bytes that became text', "UPDATE entry SET bytes = 'x' WHERE idx = 3", 'FILE'],
    ['a lost last entry', 'DELETE FROM entry WHERE idx = (SELECT max(idx) FROM entry)', 'LOG'],
    ['a changed older version', "UPDATE version SET value = '{}' WHERE height = 0 AND key = 'rules'", 'STATE'],
    ['a version too many', "INSERT INTO version VALUES (1, 'rel/x', '{}')", 'STATE'],
    ['a changed block row', 'UPDATE block SET time = time + 1 WHERE height = 1', 'BLOCKS'],
  ]
  it.each(damages)('finds %s', async (_, sql, code) => {
    await grow(3)
    await engine?.checkpoint()
    await close()
    const database = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    database.exec(sql)
    database.close()
    const { findings } = await fsckLedger(dir)
    expect(findings.map((finding) => finding.code)).toContain(code)
  })

  it('finds every changed byte of a block entry', async () => {
    await grow(1)
    await close()
    const [entry] = rows('SELECT bytes FROM entry WHERE idx = 3')
    const bytes = entry?.['bytes']
    if (!(bytes instanceof Uint8Array)) throw new Error('no such entry')
    for (let at = 0; at < bytes.length; at += 8) {
      write(bytes.with(at, (bytes[at] ?? 0) ^ 1))
      expect((await fsckLedger(dir)).findings.length, `byte ${at}`).toBeGreaterThan(0)
    }
    write(bytes)
    expect((await fsckLedger(dir)).findings).toEqual([])
  })

  const rows = (sql: string) => {
    const database = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    const found = database.prepare(sql).all()
    database.close()
    return found
  }
  const write = (bytes: Uint8Array) => {
    const database = new DatabaseSync(path.join(dir, 'ledger.sqlite'))
    database.prepare('UPDATE entry SET bytes = ? WHERE idx = 3').run(bytes)
    database.close()
  }

  it('finds a missing file and a changed genesis', async () => {
    expect((await fsckLedger(root)).findings).toMatchObject([{ code: 'FILE' }])
    await grow(1)
    await close()
    writeFileSync(path.join(dir, 'genesis.json'), genesisBytes(START + 1))
    expect((await fsckLedger(dir)).findings).toMatchObject([{ code: 'LOG', at: 'entry 0' }])
  })
})

describe('publishing', () => {
  it('writes every tile, and the checkpoint', async () => {
    const running = await grow(300)
    const note = await running.checkpoint()
    const out = path.join(root, 'tiles')
    const files = exportTiles(running.log, note, out)
    expect(readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(files)
    expect(readFileSync(path.join(out, 'checkpoint'), 'utf8')).toBe(note)
    const size = running.log.size()
    const full = decodeEntryBundle(new Uint8Array(readFileSync(path.join(out, 'tile/entries/000'))), 256)
    const rest = decodeEntryBundle(new Uint8Array(readFileSync(path.join(out, `tile/entries/001.p/${size - 256}`))), size - 256)
    expect(rootOfLeafHashes([...full, ...rest].map(leafHash))).toEqual(running.log.root())
    expect(existsSync(path.join(out, 'tile/1/000.p/1'))).toBe(true)
    expect(() => exportTiles({ size: () => 1, tile: () => undefined }, note, out)).toThrow('ends at 1')
  })
})
