import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import * as browser from '../src/crypto/browser.ts'
import * as node from '../src/crypto/node.ts'
import * as core from '../src/index.ts'

/** The vectors of an independent implementation (`vectors/protocol`) and the published ones for Ed25519 and RFC 6962. */
const data = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data')
type Vector = Record<string, any>
const read = (file: string): Vector => JSON.parse(readFileSync(path.join(data, 'vectors', file), 'utf8')) as Vector
const { decodeHex, encodeHex, decodeBase64, decodeBase64Url, encodeUtf8 } = core

describe('primitives', () => {
  const { cases, refused } = read('protocol/primitives.json') as { cases: Vector[]; refused: Vector[] }
  it('agrees on domains, HMAC, HKDF, base64url and numbers', () => {
    for (const one of cases) {
      if ('D' in one) expect(encodeHex(core.domain(one['D']))).toBe(one['hex'])
      if ('HMAC' in one) expect(encodeHex(core.hmac(decodeHex(one['HMAC'].key), decodeHex(one['HMAC'].message)))).toBe(one['hex'])
      if ('HKDF' in one) expect(encodeHex(core.hkdf(decodeHex(one['HKDF'].secret), 'tagkey'))).toBe(one['hex'])
      if ('base64url' in one) expect(core.encodeBase64Url(decodeHex(one['hex']))).toBe(one['base64url'])
      if ('u64' in one) expect(encodeHex(core.encodeU64(core.parseDecimalString(one['u64'])))).toBe(one['hex'])
      for (const id of one['identifiers'] ?? []) expect(core.parseOrganizationId(id)).toBe(id)
    }
  })
  it.each(refused)('refuses %o', (one) => {
    if ('key' in one) expect(() => core.hmac(decodeHex(one['key']))).toThrow(core.InputError)
    else if ('base64url' in one) expect(() => decodeBase64Url(one['base64url'])).toThrow(core.InputError)
    else if ('identifier' in one) expect(() => core.parseNetworkId(one['identifier'])).toThrow(core.InputError)
    else expect(() => core.parseDecimalString(one['decimalString'])).toThrow(core.InputError)
  })
})

describe('canonical JSON', () => {
  const { cases, refused } = read('protocol/jcs-admission.json') as { cases: Vector[]; refused: Vector[] }
  it('round-trips what is canonical', () => {
    for (const one of cases) {
      const value = core.parseCanonical(decodeHex(one['hex']))
      expect(core.formatCanonical(value)).toBe(one['jcs'])
      expect(encodeHex(core.sha256(core.encodeCanonical(value)))).toBe(one['sha256'])
    }
  })
  it.each(refused)('refuses $name', (one) => {
    const bytes = 'hex' in one ? decodeHex(one['hex']) : encodeUtf8(JSON.stringify('a'.repeat(one['bytes'] - 2)))
    expect(() => core.parseCanonical(bytes, { maxBytes: core.MAX_TRANSACTION_BYTES })).toThrow(core.InputError)
  })
})

describe('keys', () => {
  const { cases, refused } = read('protocol/keys.json') as { cases: Vector[]; refused: Vector[] }
  it('derives and admits', () => {
    for (const one of cases) {
      if ('seed' in one) expect(encodeHex(core.ed25519PublicKey(decodeHex(one['seed'])))).toBe(one['pub'])
      if ('keyId' in one) {
        const pub = 'seed' in one ? decodeHex(one['pub']) : decodeBase64Url(one['pub'])
        expect(() => core.admitKey(one['alg'], pub)).not.toThrow()
        expect(core.keyIdOf(one['alg'], pub)).toBe(one['keyId'])
      }
      if ('record' in one) {
        const record = core.parseKeyRecord(JSON.parse(one['record']), one['stateKey'].slice(4))
        for (const [height, valid] of Object.entries(one['validAtHeight'])) expect(core.isKeyValidAt(record, Number(height))).toBe(valid)
      }
    }
  })
  it.each(refused)('refuses $name', (one) => {
    if ('keyId' in one) expect(() => core.parseKeyRecord(one['record'], one['keyId'])).toThrow(core.InputError)
    else if ('record' in one) expect(core.isKeyValidAt(one['record'], Number(/\d+$/.exec(one['name'])?.[0]))).toBe(false)
    else expect(() => core.admitKey(one['alg'] ?? 'ed25519', 'alg' in one ? decodeBase64Url(one['pub']) : decodeHex(one['pub']))).toThrow(core.InputError)
  })
})

describe('Ed25519', () => {
  const { cases, refused } = read('protocol/signatures.json') as { cases: Vector[]; refused: Vector[] }
  const verdict = (one: Vector) => core.verifySignature(decodeHex(one['pub']), decodeHex(one['message']), decodeHex(one['sig']))
  it('accepts and refuses the forgeries', () => {
    expect(cases.map(verdict)).not.toContain(false)
    expect(refused.map(verdict)).not.toContain(true)
  })
  const edges = read('ed25519/ed25519vectors.json') as unknown as Vector[]
  const { accepted } = read('protocol/ed25519-edges.json')
  const admitted = (key: Uint8Array) => {
    try {
      core.admitEd25519(key)
      return true
    } catch {
      return false
    }
  }
  it('gives the expected verdict on all 914 published edge cases', () => {
    const valid = edges.filter(
      (one) => admitted(decodeHex(one['key'])) && core.verifySignature(decodeHex(one['key']), encodeUtf8(one['msg']), decodeHex(one['sig'])),
    )
    expect(edges).toHaveLength(914)
    expect(valid.map((one) => one['number'])).toEqual(accepted)
  })
  it('has the same equation in the browser, wherever the byte checks let a signature through', () => {
    for (const one of edges) {
      const [key, message, signature] = [decodeHex(one['key']), encodeUtf8(one['msg']), decodeHex(one['sig'])]
      if (!admitted(key) || !core.verifySignature(key, message, signature)) continue
      expect(browser.ed25519Equation(key, message, signature)).toBe(node.ed25519Equation(key, message, signature))
    }
  })
})

describe('RFC 6962', () => {
  const files = readdirSync(path.join(data, 'vectors/rfc6962'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.json'),
  )
  const hashes = (list: string[] | null) => (list ?? []).map((text) => new Uint8Array(Buffer.from(text, 'base64')))
  const bytes = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'))
  it.each(files.map((entry) => path.join(entry.parentPath, entry.name)))('%s', (file) => {
    const one = JSON.parse(readFileSync(file, 'utf8')) as Vector
    const work = () =>
      'leafIdx' in one
        ? core.verifyInclusion(one['leafIdx'], one['treeSize'], bytes(one['leafHash']), hashes(one['proof']), bytes(one['root']))
        : core.verifyConsistency(one['size1'], one['size2'], hashes(one['proof']), bytes(one['root1']), bytes(one['root2']))
    if (one['wantErr']) expect(work).toThrow(core.InputError)
    else expect(work).not.toThrow()
  })
  it('are 196', () => expect(files).toHaveLength(196))
})

describe('state tree', () => {
  const { cases, refused } = read('protocol/state-tree.json') as { cases: Vector[]; refused: Vector[] }
  it('has the same roots after every step and the same proofs', () => {
    for (const one of cases) {
      let tree = core.StateTree.empty
      for (const step of one['steps'] ?? []) {
        tree = 'set' in step ? tree.set(step.set, step.value) : tree.delete(step.delete)
        expect(encodeHex(tree.root)).toBe(step.root)
      }
      if ('proof' in one) core.verifyStateProof(decodeHex(one['root']), one['key'], one['value'], core.parseStateProof(one['proof'], ''))
    }
  })
  it.each(refused)('refuses $name', (one) => {
    expect(() => core.verifyStateProof(decodeHex(one['root']), one['key'], one['value'], core.parseStateProof(one['proof'], ''))).toThrow(core.InputError)
  })
})

describe('signed objects', () => {
  const { cases, refused } = read('protocol/signed-objects.json') as { cases: Vector[]; refused: Vector[] }
  it('signs the same bytes', () => {
    for (const one of cases) {
      const parsed = core.parseSignedObjectBytes(encodeUtf8(one['object']), one['kind'], core.parseNetworkId('demo'))
      expect(core.signObject(one['kind'], parsed.body, decodeHex(one['seed']))).toEqual(parsed)
      expect(core.verifySignedObject(parsed, one['kind'], decodeHex(one['pub']))).toBe(true)
    }
  })
  it.each(refused.filter((one) => 'kind' in one))('refuses $name', (one) => {
    const work = () =>
      core.verifySignedObject(
        core.parseSignedObjectBytes(encodeUtf8(one['object']), one['kind'], core.parseNetworkId('demo')),
        one['kind'],
        decodeHex(one['pub']),
      )
    let accepted = false
    try {
      accepted = work()
    } catch (error) {
      expect(error).toBeInstanceOf(core.InputError)
    }
    expect(accepted).toBe(false)
  })
})

describe('verifier keys', () => {
  it('are spelled the same', () => {
    const { cases } = read('protocol/checkpoints.json') as { cases: Vector[] }
    for (const key of cases[0]?.['vkeys'] ?? []) {
      expect(core.formatVerifierKey(core.makeVerifierKey(key.name, key.type, decodeHex(key.pub)))).toBe(key.vkey)
      expect(encodeHex(core.parseVerifierKey(key.vkey).publicKey)).toBe(key.pub)
    }
    expect(decodeBase64('AA==')).toEqual(Uint8Array.of(0))
  })
})
