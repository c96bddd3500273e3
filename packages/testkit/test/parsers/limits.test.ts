import { afterAll, describe, expect, it } from 'vitest'
import { openCounter } from './steps.ts'

const counter = openCounter((url) => /\/packages\/(?:core|ledger|proofs|consent|fhir|client|node|research)\/src\/|fflate/.test(url))
afterAll(() => counter[Symbol.dispose]())

const core = await import('@fiducia/core')
const { parseConsentCase, parseSearch, MAX_SEARCH_VALUE_LENGTH } = await import('@fiducia/fhir')
const { decodeTransaction } = await import('@fiducia/ledger')
const { parseAuthorizationDetails } = await import('@fiducia/node')
const proofs = await import('@fiducia/proofs')
const { parseFormula } = await import('@fiducia/research')

const net = core.parseNetworkId('test')
const zeros = (length: number): Uint8Array => new Uint8Array(length)
const letters = (length: number): string => 'A'.repeat(length)
const MEGABYTE = 1024 * 1024

/** Input of this length, made before anything is counted. */
const of =
  <T>(make: (length: number) => T, read: (input: T) => unknown) =>
  (length: number) => {
    const input = make(length)
    return () => read(input)
  }

/** Input just beyond the limit and input far beyond it; both are refused. */
const BEYOND: readonly (readonly [name: string, limit: number, prepare: (length: number) => () => unknown])[] = [
  ['canonical JSON', core.MAX_DOCUMENT_BYTES, of(zeros, (bytes) => core.parseCanonical(bytes))],
  ['canonical text', core.MAX_DOCUMENT_BYTES, of(letters, (text) => core.parseCanonicalString(text))],
  ['a transaction', core.MAX_TRANSACTION_BYTES, of(zeros, decodeTransaction)],
  ['a verifier key', core.MAX_VERIFIER_KEY_TEXT, of(letters, core.parseVerifierKey)],
  ['a note', core.MAX_NOTE_BYTES, of(letters, core.parseNote)],
  ['a checkpoint', core.MAX_NOTE_BYTES, of(letters, core.parseCheckpoint)],
  ['32 bytes', 86, of(letters, (text) => core.parseBytes32(text))],
  [
    'a decimal string',
    40,
    of(
      (n) => '1'.repeat(n),
      (text) => core.parseDecimalString(text),
    ),
  ],
  ['a tlog-proof', proofs.MAX_TLOG_PROOF_BYTES, of(letters, proofs.parseTlogProof)],
  ['a tlog-policy', proofs.MAX_TRUST_POLICY_BYTES, of(letters, proofs.parseTrustPolicy)],
  ['a tile path', 26, of(letters, proofs.parseTilePath)],
  ['a leaf', 72, of(zeros, proofs.decodeLeaf)],
  ['an add-checkpoint request', proofs.MAX_ADD_CHECKPOINT_BYTES, of(zeros, proofs.parseAddCheckpoint)],
  ['a sealed copy', proofs.MAX_SEALED_COPY_BYTES, of(zeros, (bytes) => proofs.openSealedCopy(zeros(32), bytes))],
  ['an archive', proofs.MAX_BUNDLE_FILE_BYTES, of(zeros, proofs.readArchive)],
  ['a search value', MAX_SEARCH_VALUE_LENGTH, of(letters, (text) => parseSearch('Patient', [['_id', text]]))],
  ['a consent case', 64 * MEGABYTE, of(letters, parseConsentCase)],
  ['a formula', 10_000, of(letters, (text) => parseFormula(text, new Map()))],
  ['authorization details', 4 * 16 * 1024, of(letters, (text) => parseAuthorizationDetails(text, net))],
]

describe('input beyond the limit is refused before any work that grows with it', () => {
  it.each(BEYOND)('%s', (_, limit, prepare) => {
    const far = Math.min(4 * limit + MEGABYTE, limit + 16 * MEGABYTE)
    const [near, beyond] = [prepare(limit + 1), prepare(far)]
    for (const read of [near, beyond]) expect(read).toThrow(/\S+ \S+ \S+/)
    counter.begin()
    const [few, many] = [counter.steps(near), counter.steps(beyond)]
    expect(many - few).toBeLessThan(100)
  })
})

describe('input at the limit is read', () => {
  it('in size', () => {
    const text = (length: number) => `"${letters(length - 2)}"`
    expect(core.parseCanonicalString(text(core.MAX_DOCUMENT_BYTES))).toHaveLength(core.MAX_DOCUMENT_BYTES - 2)
    expect(() => core.parseCanonicalString(text(core.MAX_DOCUMENT_BYTES + 1))).toThrow('at most')
    const line = core.formatSignatureLine({ name: 'a', keyHash: zeros(4), signature: zeros(64) })
    const note = (lines: number) => core.parseNote(`a\n0\nb\n\n${line.repeat(lines)}`)
    expect(note(core.MAX_NOTE_SIGNATURES).signatures).toHaveLength(core.MAX_NOTE_SIGNATURES)
    expect(() => note(core.MAX_NOTE_SIGNATURES + 1)).toThrow('signature lines')
    const long = (length: number) => core.parseNote(`${letters(length - core.encodeUtf8(line).length - 2)}\n\n${line}`)
    expect(long(core.MAX_NOTE_BYTES).signatures).toHaveLength(1)
    expect(() => long(core.MAX_NOTE_BYTES + 1)).toThrow('at most')
  })

  it('in depth', () => {
    const nested = (levels: number) => core.parseCanonicalString(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(() => nested(core.MAX_JSON_DEPTH)).not.toThrow()
    expect(() => nested(core.MAX_JSON_DEPTH + 1)).toThrow('levels')
    const inCase = (levels: number) => parseConsentCase(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(() => inCase(100)).toThrow('expected an object')
    expect(() => inCase(101)).toThrow('levels')
  })

  it('in count', () => {
    const siblings = (count: number) => core.parseStateProof({ siblings: Array.from({ length: count }, () => letters(43)), terminal: null }, '')
    expect(siblings(core.MAX_STATE_PATH).siblings).toHaveLength(core.MAX_STATE_PATH)
    expect(() => siblings(core.MAX_STATE_PATH + 1)).toThrow('items')
  })
})
