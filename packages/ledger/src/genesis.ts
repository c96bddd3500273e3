import { admitKey, decodeBase64Url, encodeCanonical, equalBytes, InputError, type JsonValue, keyIdOf, type KeyRole, parseCanonical } from '@fiducia/core'
import { parseGenesisShape } from './modules/membership/codec.ts'
import { genesisWrites } from './modules/membership/transitions.ts'
import { encodeRecord, stateFrom } from './state.ts'
import type { Genesis, GenesisMember, LedgerState } from './types.ts'

/** The file that starts a network. Its bytes are its own canonical JSON; the ledger's first entry is their hash. */

/** A start reads one genesis at several places, and admits each of its keys in a millisecond: the last one is remembered. */
let last: { readonly bytes: Uint8Array; readonly genesis: Genesis } | undefined

/** Throws an `InputError` that names what is wrong: shape, keys that may not stand on a ledger, roles that are missing. */
export function parseGenesis(bytes: Uint8Array): Genesis {
  if (last !== undefined && equalBytes(last.bytes, bytes)) return last.genesis
  const genesis = parseGenesisShape(parseCanonical(bytes), '')
  checkMembers(genesis)
  last = { bytes: bytes.slice(), genesis }
  return genesis
}

export function encodeGenesis(genesis: Genesis): Uint8Array {
  const bytes = encodeCanonical(genesis as unknown as JsonValue)
  parseGenesis(bytes)
  return bytes
}

/** Height 0, at the genesis' time: members, keys, rules, and trust record 1. */
export function initialState(genesis: Genesis): LedgerState {
  const entries = genesisWrites(genesis).map(({ key, value }) => ({ key, value: encodeRecord(value) }))
  return stateFrom({ net: genesis.net, height: 0, time: genesis.time }, entries)
}

/** Words that a tlog-policy gives a meaning of its own; a group of that name could not be written there. */
const RESERVED_GROUPS: ReadonlySet<string> = new Set(['any', 'all', 'none', 'quorum'])

const count = ({ keys }: GenesisMember, role: KeyRole): number => keys.filter((key) => key.role === role).length

function checkMembers(genesis: Genesis): void {
  const seen = new Set<string>()
  const fault = (at: string, message: string) => new InputError('SHAPE', message, { at })
  for (const [org, member] of Object.entries(genesis.members)) {
    const at = `members.${org}.keys`
    if (RESERVED_GROUPS.has(member.group)) throw fault(`members.${org}.group`, `expected a group that is not named \`${member.group}\``)
    if (count(member, 'node') === 0) throw fault(at, 'expected at least one node key')
    if (count(member, 'witness') !== 1) throw fault(at, `expected exactly one witness key, found ${count(member, 'witness')}`)
    for (const { role, alg, pub } of member.keys) {
      const publicKey = decodeBase64Url(pub)
      if (alg !== 'ed25519' && role !== 'client') throw fault(at, `only a client's key may be \`${alg}\``)
      admitKey(alg, publicKey)
      const keyId = keyIdOf(alg, publicKey)
      if (seen.has(keyId)) throw fault(at, `key \`${keyId}\` stands twice`)
      seen.add(keyId)
    }
  }
  const operator = Object.entries(genesis.members).find(([org]) => org === genesis.operator)?.[1]
  if (operator === undefined) throw fault('operator', 'expected one of the members')
  if (count(operator, 'ledger') !== 1)
    throw fault(`members.${genesis.operator}.keys`, `expected exactly one ledger key of the operator, found ${count(operator, 'ledger')}`)
}
