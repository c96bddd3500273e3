import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { encodeHex, encodeUtf8 } from '../src/bytes.ts'
import { ed25519PublicKey, sign } from '../src/ed25519.ts'
import { sha256 } from '../src/hashing.ts'
import { verdictsOfBrowser, verdictsOfNodes } from './platforms.ts'
import { type SignatureCase, verdicts } from './verdicts.ts'

const seed = sha256(encodeUtf8('platforms'))
const key = encodeHex(ed25519PublicKey(seed))
const good = encodeHex(sign(seed, encodeUtf8('message')))
const cases: readonly SignatureCase[] = [
  { number: 0, key, sig: good, msg: 'message' },
  { number: 1, key, sig: good, msg: 'another message' },
  { number: 2, key, sig: `01${'00'.repeat(31)}${good.slice(64)}`, msg: 'message' },
  { number: 3, key: `ec${'ff'.repeat(30)}7f`, sig: good, msg: 'message' },
]
const chromium = process.env['FIDUCIA_CHROMIUM']

describe('verdicts on signatures', () => {
  it('are what they should be here', () => expect(verdicts(cases)).toEqual({ accepted: [0], selfTest: [] }))
  it('are the same on every Node at hand', async () => {
    for (const [, found] of await verdictsOfNodes(cases)) expect(found).toEqual(verdicts(cases))
  })
  it.skipIf(chromium === undefined)('are the same in the browser build', async () => {
    const executable = execFileSync('which', [chromium ?? ''], { encoding: 'utf8' }).trim()
    expect(await verdictsOfBrowser(cases, executable)).toEqual(verdicts(cases))
  })
})
