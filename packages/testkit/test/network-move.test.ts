import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeBase64Url, parseCheckpoint, parseNote, verifyConsistency } from '@fiducia/core'
import { createNetwork, exportNetwork, fsckNode, importNetwork, NetworkError, parseGenesis, parseManifest } from '@fiducia/node'
import { type BundleFiles, verifyBundle } from '@fiducia/proofs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreeAt, alder, birch, cedar, dune, NOBODY, openAgreedRig, openRig, type Rig } from './rig.ts'

/** A network that is exported and goes on in another folder: the same state, the same trust, one log. */
const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-move-'))
const at = (...names: readonly string[]) => path.join(dir, ...names)
const START = Date.now() - 30 * 60_000

const proofOf = (rig: Rig): BundleFiles => rig.node(alder).services.evidence.consentState(rig.stage.patient.handleAt(alder))
const ledgerOf = (rig: Rig) => rig.node(alder).services.context.ledger

let before: { readonly proof: BundleFiles; readonly height: number; readonly stateRoot: Uint8Array; readonly size: number; readonly logSize: number }

beforeAll(async () => {
  mkdirSync(at('old'))
  await using rig = await openAgreedRig({ dir: at('old'), seed: 'move', startMs: START })
  await rig.ask()
  await rig.stage.network.publish()
  const ledger = ledgerOf(rig)
  before = { proof: proofOf(rig), height: ledger.tip().height, stateRoot: ledger.tip().tree.root, size: ledger.log.size(), logSize: rig.logSize(alder) }
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('an export', () => {
  it('says where the ledger is, is a manifest and tiles, and is never written over', async () => {
    const figures = await exportNetwork(at('old'), at('export'))
    expect(figures).toMatchObject({ size: before.size, stateRoot: encodeBase64Url(before.stateRoot) })
    expect(JSON.parse(readFileSync(at('export', 'state.json'), 'utf8'))).toEqual(figures)
    const plan = parseManifest(readFileSync(at('export', 'network.json'), 'utf8'), 'network.json')
    expect(plan.members.map(({ org }) => org).toSorted()).toEqual([alder, birch, cedar, dune])
    await expect(exportNetwork(at('old'), at('export'))).rejects.toThrow('nothing was changed')
  })

  const refusalOf = (change: (folder: string) => void): string => {
    const folder = at('changed')
    rmSync(folder, { recursive: true, force: true })
    cpSync(at('export'), folder, { recursive: true })
    change(folder)
    try {
      importNetwork(folder, at('never'))
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      expect(existsSync(at('never'))).toBe(false)
      expect(existsSync(at('never.new'))).toBe(false)
      return error.message
    }
    throw new Error('expected a refusal')
  }
  const edit = (file: string, change: (bytes: Buffer) => Buffer | string) => writeFileSync(file, change(readFileSync(file)))
  const tile = (folder: string, level: string) => path.join(folder, 'ledger', 'tile', level, '000.p', String(before.size))
  const startOf = (bundle: Buffer, entry: number): number => {
    let start = 0
    for (let i = 0; i < entry; i += 1) start += 2 + bundle.readUInt16BE(start)
    return start
  }
  const flip = (bytes: Buffer, index: number) => {
    bytes[index] = (bytes[index] ?? 0) ^ 1
    return bytes
  }

  it('is refused when it is changed anywhere, naming the first entry that is wrong', () => {
    expect(refusalOf((folder) => edit(tile(folder, 'entries'), (bytes) => flip(bytes, startOf(bytes, 5) + 20)))).toMatch(/^entry 5: /)
    expect(refusalOf((folder) => edit(tile(folder, 'entries'), (bytes) => bytes.subarray(0, startOf(bytes, 9) + 7)))).toMatch(/^entry 9: expected it whole/)
    expect(refusalOf((folder) => edit(tile(folder, '0'), (bytes) => flip(bytes, 32 * 3)))).toMatch(/^entry 3: /)
    expect(refusalOf((folder) => rmSync(tile(folder, 'entries')))).toMatch(/^entry 0: .*found no such file/)
    expect(refusalOf((folder) => edit(path.join(folder, 'state.json'), (bytes) => bytes.toString().replace(/"height": \d+/, '"height": 1')))).toMatch(
      /^state.json: height/,
    )
    expect(refusalOf((folder) => rmSync(path.join(folder, 'state.json')))).toContain('expected an export with `state.json`')
  })

  it('is refused under another genesis, another root, or without its quorum', () => {
    expect(refusalOf((folder) => edit(path.join(folder, 'genesis.json'), (bytes) => bytes.toString().replace('Alder General', 'Alder Special')))).toMatch(
      /^entry 0: /,
    )
    const checkpoint = (folder: string) => path.join(folder, 'ledger', 'checkpoint')
    const lines = (bytes: Buffer) => bytes.toString().split('\n')
    expect(refusalOf((folder) => edit(checkpoint(folder), (bytes) => lines(bytes).toSpliced(-2, 1).join('\n')))).toContain(
      'expected cosignatures of 3 groups, found 2',
    )
    const otherRoot = encodeBase64Url(new Uint8Array(32)).replaceAll('_', '/')
    expect(refusalOf((folder) => edit(checkpoint(folder), (bytes) => lines(bytes).toSpliced(2, 1, `${otherRoot}=`).join('\n')))).toContain('expected the root')
    expect(refusalOf((folder) => edit(checkpoint(folder), (bytes) => lines(bytes).toSpliced(1, 1, '2').join('\n')))).toMatch(/^entry 0: /)
  })
})

describe('an import', () => {
  const without = (from: string) => {
    let code = 'no refusal'
    try {
      importNetwork(at('export'), at('never'), { nodes: from })
    } catch (error) {
      code = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
    }
    expect([existsSync(at('never')), existsSync(at('never.new'))]).toEqual([false, false])
    return code
  }

  it('brings no node that runs, none of another network, and none with another key', async () => {
    const plan = parseManifest(readFileSync(at('export', 'network.json'), 'utf8'), 'network.json')
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
    const { time } = parseGenesis(new Uint8Array(readFileSync(at('export', 'genesis.json'))))
    createNetwork(at('other'), plan, { now: time + 1, random })
    expect(without(at('other'))).toBe('KEYS_FOREIGN')
    createNetwork(at('empty'), plan, { now: time, random })
    expect(readFileSync(at('empty', 'genesis.json'))).toEqual(readFileSync(at('export', 'genesis.json')))
    expect(without(at('empty'))).toBe('NETWORK_MISSING')
    cpSync(at('old'), at('rekeyed'), { recursive: true })
    writeFileSync(at('rekeyed', 'nodes', birch, 'keys', 'log.seed'), `${'07'.repeat(32)}\n`)
    expect(without(at('rekeyed'))).toBe('KEYS_FOREIGN')
    const rig = await openRig({ dir: at('old'), seed: 'move', startMs: START + 60_000 })
    const refused = without(at('old'))
    await rig[Symbol.asyncDispose]()
    expect(refused).toBe('ENGINE_LOCKED')
  })

  it('goes on: the same state, one log, and every proof from before and after holds under the same trust', async () => {
    const imported = importNetwork(at('export'), at('new'), { nodes: at('old') })
    expect(imported.members).toEqual([alder, birch, cedar, dune])
    for (const org of imported.members) expect((await fsckNode(at('new', 'nodes', org))).findings).toEqual([])
    const trust = readFileSync(at('export', 'trust.policy'), 'utf8')
    const old = parseCheckpoint(parseNote(readFileSync(at('export', 'ledger', 'checkpoint'), 'utf8')).text)

    await using rig = await openRig({ dir: at('new'), seed: 'move', startMs: START + 120_000 })
    const ledger = ledgerOf(rig)
    expect([ledger.log.size(), ledger.tip().tree.root]).toEqual([before.size, before.stateRoot])
    expect(rig.logSize(alder)).toBe(before.logSize)
    expect(verifyBundle(before.proof, trust)).toMatchObject({ valid: true })
    await agreeAt(rig.stage, dune, NOBODY)
    await rig.stage.network.publish()
    const size = ledger.log.size()
    expect(size).toBeGreaterThan(before.size)
    expect(() => verifyConsistency(old.size, size, ledger.log.consistency(old.size, size), old.root, ledger.log.root(size))).not.toThrow()
    for (const org of [birch, cedar, dune]) expect(rig.node(org).services.context.ledger.tip().tree.root).toEqual(ledger.tip().tree.root)
    for (const proof of [before.proof, rig.node(dune).services.evidence.consentState(rig.stage.patient.handleAt(dune))])
      expect(verifyBundle(proof, trust)).toMatchObject({ valid: true })
  })

  it('makes ledgers for every member where no node is brought, and a member without its log goes on under its standby', async () => {
    importNetwork(at('export'), at('bare'))
    for (const org of [alder, birch, cedar, dune]) {
      expect(existsSync(at('bare', 'nodes', org, 'node.sqlite'))).toBe(false)
      for (const name of ['config.json', 'keys']) cpSync(at('old', 'nodes', org, name), at('bare', 'nodes', org, name), { recursive: true })
    }
    await using rig = await openRig({ dir: at('bare'), seed: 'move', startMs: START + 240_000 })
    expect(ledgerOf(rig).stateAt(before.height)?.tree.root).toEqual(before.stateRoot)
    expect(rig.node(alder).services.log.k).toBe(2)
    await agreeAt(rig.stage, dune, NOBODY)
    expect(ledgerOf(rig).log.size()).toBeGreaterThan(before.size)
  })

  it('is refused when the operator signed more since: blocks would be lost', async () => {
    await using rig = await openRig({ dir: at('old'), seed: 'move', startMs: START + 360_000 })
    await agreeAt(rig.stage, dune, NOBODY)
    await rig[Symbol.asyncDispose]()
    expect(without(at('old'))).toBe('EXPORT_INVALID')
  })
})
