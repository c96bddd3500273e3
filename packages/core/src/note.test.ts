import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from './bytes.ts'
import { ed25519PublicKey } from './ed25519.ts'
import { InputError } from './errors.ts'
import { sha256 } from './hashing.ts'
import { MAX_NOTE_BYTES, MAX_VERIFIER_KEY_TEXT } from './limits.ts'
import {
  cosignNote,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  makeVerifierKey,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyCosignature,
  verifyNoteSignature,
} from './note.ts'

const [logSeed, witnessSeed] = [sha256(encodeUtf8('log')), sha256(encodeUtf8('witness'))]
const log = makeVerifierKey('demo/log/alder/1', KEY_TYPE_LOG, ed25519PublicKey(logSeed))
const witness = makeVerifierKey('demo/witness/birch', KEY_TYPE_WITNESS, ed25519PublicKey(witnessSeed))
const text = formatCheckpoint({ origin: log.name, size: 16, root: sha256(encodeUtf8('root')) })
const note = formatNote({ text, signatures: [signNote(text, log, logSeed), cosignNote(text, witness, witnessSeed, 1_800_000_000)] })

describe('signed notes', () => {
  it('are read as they were written, and each line holds for its own key only', () => {
    const parsed = parseNote(note)
    expect(formatNote(parsed)).toBe(note)
    expect(parseCheckpoint(parsed.text)).toEqual({ origin: log.name, size: 16, root: sha256(encodeUtf8('root')) })
    const [first, second] = parsed.signatures
    if (first === undefined || second === undefined) return expect.unreachable()
    expect([verifyNoteSignature(text, first, log), verifyNoteSignature(text, second, witness), verifyNoteSignature(text, second, log)]).toEqual([
      true,
      false,
      false,
    ])
    expect([verifyCosignature(text, second, witness), verifyCosignature(text, first, witness), verifyCosignature(`${text}x`, second, witness)]).toEqual([
      1_800_000_000,
      undefined,
      undefined,
    ])
  })

  it('have verifier keys with one spelling', () => {
    for (const key of [log, witness]) expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key)
    expect(() => parseVerifierKey(formatVerifierKey(log).replace('alder', 'cedar'))).toThrow(InputError)
  })

  it('do not survive a change of any character: refused, or no line holds', () => {
    fc.assert(
      fc.property(fc.nat({ max: note.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = note.slice(0, at) + character + note.slice(at + 1)
        if (changed === note) return
        try {
          const parsed = parseNote(changed)
          const holds = parsed.signatures.filter(
            (line) => verifyNoteSignature(parsed.text, line, log) || verifyCosignature(parsed.text, line, witness) !== undefined,
          )
          expect(holds.length).toBeLessThan(2)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
    )
  })

  it.each([
    '',
    '\n',
    'a\n1\n',
    `${text}\n`,
    text.replace('16', '016'),
    text.replace('16', '-1'),
    text.replace('16', '99999999999999999'),
    `${text}extension\n`,
  ])('refuse %j as a checkpoint', (one) =>
    expect(() => parseCheckpoint(parseNote(formatNote({ text: one, signatures: parseNote(note).signatures })).text)).toThrow(InputError),
  )

  it.each([
    ['NUL in the origin', note.replace('alder', 'al\0er')],
    ['a carriage return', note.replaceAll('\n', '\r\n').replaceAll('\r\n\r\n', '\n\n')],
    ['half a character', note.replace('alder', 'al\ud800er')],
    ['a name with a next-line character', note.replace('— demo/witness', '— demo\u0085witness')],
    ['more bytes than allowed', `${'é'.repeat(MAX_NOTE_BYTES / 2)}${note}`],
  ])('refuse %s', (_, one) => expect(() => parseNote(one)).toThrow(InputError))

  it('do not count a cosignature at a time that no clock shows', () => {
    const line = cosignNote(text, witness, witnessSeed, 1)
    const far = { ...line, signature: Uint8Array.from([0xff, ...line.signature.slice(1)]) }
    expect([verifyCosignature(text, far, witness), verifyCosignature(text, line, witness)]).toEqual([undefined, 1])
  })

  it('have verifier keys of a length that a line can hold', () => {
    const long = formatVerifierKey(makeVerifierKey('a'.repeat(MAX_VERIFIER_KEY_TEXT), KEY_TYPE_LOG, ed25519PublicKey(logSeed)))
    expect(() => parseVerifierKey(long)).toThrow(InputError)
  })
})
