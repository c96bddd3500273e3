import {
  cosignNote,
  decodeBase64Url,
  decodeUtf8,
  encodeUtf8,
  formatNote,
  formatSignatureLine,
  KEY_TYPE_WITNESS,
  makeVerifierKey,
  ed25519PublicKey,
  parseNote,
  witnessName,
} from '@fiducia/core'
import { roleIdOf } from '@fiducia/ledger'
import { type BundleFiles, kindOf, parseTlogProof, type Verification } from '@fiducia/proofs'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupOfOrg } from '../../src/story/stage.ts'
import { seedOf } from '../../src/story/liar.ts'
import { ALDER, BIRCH, CEDAR, CONDITIONS, OBSERVATIONS, openScene, type Scene } from './scene.ts'

/**
 * Proof bundles out of true parts, put together wrongly, or in another spelling.
 *
 *   attack                                                     what catches it
 *   any file of another access, relationship, holder or time   state, access, disclosure, decision, mirror, cosigned, fresh
 *   the trust of another network                               trust-root does not know the logs: cosigned
 *   a cosignature of another log under this note               the signature is over the note's own text
 *   a line doubled, foreign, left out, in another order        strict notes: exactly the quorum, one for each group, by name
 *   a line by a key of the same name                           the key's hash
 *   white space, CRLF, BOM, a missing newline in any text      canonical JSON, one spelling of a proof
 *   a file more, less, under another name                      the closed list of files
 *   a list that ends at an earlier seal                        valid for that time, which it says; the wallet's own findings
 */

let scene: Scene
let bundles: Readonly<Record<string, BundleFiles>>
beforeAll(async () => {
  scene = await openScene()
  const { patient, clinician, publish } = scene.stage
  await clinician.ask(ALDER.org, CONDITIONS)
  await clinician.ask(ALDER.org, OBSERVATIONS)
  await clinician.ask(CEDAR.org, OBSERVATIONS)
  await publish()
  const [first, earlierList] = [await patient.accessBundle(ALDER.org, 0), await patient.completenessBundle(ALDER.org)]
  scene.stage.clock.advance(5 * 60_000)
  await scene.stage.network.settle()
  await clinician.ask(ALDER.org, CONDITIONS)
  await publish()
  bundles = {
    first,
    earlierList,
    second: await patient.accessBundle(ALDER.org, 1),
    later: await patient.accessBundle(ALDER.org, 2),
    cedar: await patient.accessBundle(CEDAR.org, 0),
    list: await patient.completenessBundle(ALDER.org),
    cedarList: await patient.completenessBundle(CEDAR.org),
    head: await patient.headBundle(ALDER.org),
    attestation: attestation(),
  }
}, 60_000)
afterAll(() => scene[Symbol.asyncDispose]())

function attestation(): BundleFiles {
  const { network, clinician } = scene.stage
  const { evidence } = network.node(ALDER.org).services
  const { opening, rand32 } = clinician
  return evidence.attestation(roleIdOf(opening, decodeBase64Url(rand32)), groupOfOrg(network, ALDER.org), { ...opening, rand32 })
}

const bundle = (name: string): BundleFiles => bundles[name] ?? new Map()
const verify = (files: BundleFiles): Verification => scene.stage.verify(files)
const failed = (files: BundleFiles): readonly string[] =>
  verify(files)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name)
const withFile = (files: BundleFiles, name: string, bytes: Uint8Array): BundleFiles => new Map([...files, [name, bytes]])
const edited = (files: BundleFiles, name: string, change: (text: string) => string) =>
  withFile(files, name, encodeUtf8(change(decodeUtf8(files.get(name) ?? new Uint8Array()))))

describe('bundles put together', () => {
  it('are each valid as they were made', () => {
    expect(Object.values(bundles).map((files) => failed(files))).toEqual(Object.values(bundles).map(() => []))
    expect(bundle('first').size).toBe(11)
  })

  it('are refused with any set of files of another, unless the mixture says what one of them says', () => {
    const sameBlock = new Set(['head.json', 'state.json', 'block.leaf', 'block.tlog-proof'])
    fc.assert(
      fc.property(fc.constantFrom('second', 'later', 'cedar'), fc.subarray([...bundle('first').keys()], { minLength: 1, maxLength: 10 }), (other, names) => {
        const mixed = new Map([...bundle('first')].map(([name, bytes]) => [name, names.includes(name) ? (bundle(other).get(name) ?? bytes) : bytes]))
        const changed = [...mixed].filter(([name, bytes]) => bytes !== bundle('first').get(name) && !sameBytes(bytes, bundle('first').get(name)))
        const stillOne =
          changed.every(([name]) => sameBlock.has(name)) ||
          [...mixed].every(([name, bytes]) => sameBlock.has(name) || sameBytes(bytes, bundle(other).get(name)))
        if (!stillOne) expect(verify(mixed).valid).toBe(false)
      }),
      { numRuns: 150 },
    )
    for (const name of [
      'state.json',
      'block.leaf',
      'access.leaf',
      'access.tlog-proof',
      'disclosure.json',
      'decision.json',
      'salt2',
      'mirror.leaf',
      'mirror.tlog-proof',
    ])
      expect(failed(withFile(bundle('first'), name, bundle('later').get(name) ?? new Uint8Array())), name).not.toEqual([])
  })

  it('are refused when the head is of another minute than the access', () => {
    const old = [...bundle('first')].filter(([name]) => ['head.json', 'state.json', 'block.leaf', 'block.tlog-proof'].includes(name))
    expect(failed(new Map([...bundle('later'), ...old]))).toContain('fresh')
  })

  it('are refused when the list is another’s', () => {
    for (const name of ['1/tags.json', '1/seal.leaf', '1/seal.tlog-proof', 'next.json', 'head.json'])
      expect(failed(withFile(bundle('list'), name, bundle('cedarList').get(name) ?? new Uint8Array())), name).not.toEqual([])
    const tags = bundle('earlierList').get('1/tags.json') ?? new Uint8Array()
    expect(failed(withFile(bundle('list'), '1/tags.json', tags))).not.toEqual([])
  })

  it('say of which time an earlier list is, and the wallet finds what it leaves out', async () => {
    const [early, late] = [verify(bundle('earlierList')), verify(bundle('list'))]
    expect(early.valid).toBe(true)
    expect(Number(early.facts['completeAsOf'])).toBeLessThan(Number(late.facts['completeAsOf']) - 250)
    const { patient, network, clinician, clock } = scene.stage
    const { evidence } = network.node(ALDER.org).services
    const honest = evidence.completeness
    Object.assign(evidence, { completeness: () => bundle('earlierList') })
    const codes = async () => (await patient.checkEverything(ALDER.org, [clinician.opening.code])).log.findings.map(({ code }) => code)
    expect(await codes()).toEqual([])
    clock.advance(2 * 3_600_000)
    expect(await codes()).toEqual(['ACCESS_UNSEALED', 'ACCESS_UNSEALED'])
    Object.assign(evidence, { completeness: honest })
    expect(await codes()).toEqual([])
  })

  it('are not believed by the trust of another network', async () => {
    await using other = await openScene()
    expect(other.stage.verify(bundle('first')).valid).toBe(false)
    expect(other.stage.verify(bundle('list')).valid).toBe(false)
  })
})

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean => Buffer.compare(a ?? new Uint8Array(), b ?? new Uint8Array()) === 0

describe('signature lines', () => {
  const linesOf = (text: string): readonly string[] =>
    text
      .slice(text.lastIndexOf('\n\n') + 2)
      .split('\n')
      .slice(0, -1)
  const withLines = (text: string, change: (lines: readonly string[]) => readonly string[]) =>
    `${text.slice(0, text.lastIndexOf('\n\n') + 2)}${change(linesOf(text))
      .map((line) => `${line}\n`)
      .join('')}`
  const proofs = ['block.tlog-proof', 'access.tlog-proof', 'mirror.tlog-proof']
  const changes: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
    'the last one twice': (lines) => [...lines, lines.at(-1) ?? ''],
    'the log’s twice': ([first = '', ...rest]) => [first, first, ...rest],
    'one left out': (lines) => lines.slice(0, -1),
    'the log’s left out': (lines) => lines.slice(1),
    'the log’s last': ([first = '', ...rest]) => [...rest, first],
    'another order': ([first = '', second = '', ...rest]) => [first, ...rest, second],
    none: () => [],
  }

  it('stand once, in one order, as many as the quorum', () => {
    for (const name of proofs) {
      for (const [what, change] of Object.entries(changes))
        expect(failed(edited(bundle('first'), name, (text) => withLines(text, change))), `${name}: ${what}`).not.toEqual([])
    }
  })

  it('are not taken from another note', () => {
    for (const name of proofs) {
      for (const other of proofs.filter((one) => one !== name)) {
        const foreign = linesOf(decodeUtf8(bundle('first').get(other) ?? new Uint8Array()))
        const swapped = edited(bundle('first'), name, (text) => withLines(text, ([log = '']) => [log, ...foreign.slice(1)]))
        expect(failed(swapped), `${name} with ${other}`).not.toEqual([])
      }
    }
  })

  it('are not a key’s that has only the name, nor a witness’s second one in place of another group’s', () => {
    const { stage } = scene
    const text = decodeUtf8(bundle('first').get('block.tlog-proof') ?? new Uint8Array())
    const note = parseNote(parseTlogProof(text).note)
    const time = Math.floor(stage.clock.now() / 1000)
    const lineOf = (org: typeof ALDER.org, seed: Uint8Array) =>
      formatSignatureLine(
        cosignNote(note.text, makeVerifierKey(witnessName(stage.network.genesis.net, org), KEY_TYPE_WITNESS, ed25519PublicKey(seed)), seed, time),
      ).trimEnd()
    const own = lineOf(ALDER.org, seedOf(stage, ALDER.org, 'witness'))
    const forged = lineOf(BIRCH.org, stage.random(32))
    expect(failed(edited(bundle('first'), 'block.tlog-proof', (one) => withLines(one, (lines) => [...lines.slice(0, -1), forged])))).toContain('cosigned')
    expect(
      failed(edited(bundle('first'), 'block.tlog-proof', (one) => withLines(one, ([log = '', , ...rest]) => [log, own, own, ...rest.slice(1)]))),
    ).toContain('cosigned')
    expect(formatNote(note)).toBe(parseTlogProof(text).note)
  })
})

describe('another spelling', () => {
  const spellings: Readonly<Record<string, (text: string) => string>> = {
    'a byte order mark': (text) => `\uFEFF${text}`,
    'a space before': (text) => ` ${text}`,
    'a newline before': (text) => `\n${text}`,
    'a newline after': (text) => `${text}\n`,
    'a space after': (text) => `${text} `,
    'a tab after': (text) => `${text}\t`,
    'a zero after': (text) => `${text}\0`,
    'carriage returns': (text) => (text.includes('\n') ? text.replaceAll('\n', '\r\n') : `${text}\r\n`),
    'indented JSON': (text) => (text.startsWith('{') ? JSON.stringify(JSON.parse(text), null, 1) : `${text} `),
    'a member twice': (text) => (text.startsWith('{') ? text.replace(/^\{("[^"]+":)/, '{$1null,$1') : `${text} `),
    'a member more': (text) => (text.startsWith('{') ? text.replace(/\}$/, ',"zz":1}') : `${text} `),
    'an escaped letter': (text) =>
      text.startsWith('{') ? text.replace(/"([a-z])/, (_all, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`) : ` ${text}`,
    'a padded index': (text) => (text.includes('index ') ? text.replace('index ', 'index 0') : `${text} `),
  }

  it('of any text file is refused, in every kind of bundle', () => {
    for (const [name, files] of Object.entries(bundles)) {
      for (const file of [...files.keys()].filter((one) => /\.(json|tlog-proof)$/.test(one))) {
        for (const [what, spell] of Object.entries(spellings)) expect(failed(edited(files, file, spell)), `${name}/${file}: ${what}`).not.toEqual([])
      }
    }
  })

  it('of a file’s name is refused', () => {
    const files = bundle('list')
    for (const name of [
      '1/tags.json ',
      '1//tags.json',
      './1/tags.json',
      '01/tags.json',
      '1/../1/tags.json',
      '1\\tags.json',
      '1/TAGS.json',
      '__proto__',
      'trust-0.json',
      '2/seal.leaf',
      'README',
    ])
      expect(verify(withFile(files, name, files.get('1/tags.json') ?? new Uint8Array())).valid, name).toBe(false)
    for (const missing of files.keys()) expect(verify(new Map([...files].filter(([name]) => name !== missing))).valid, missing).toBe(false)
    expect(kindOf(files)).toBe('completeness')
  })
})
