import {
  decodeBase64Url,
  parseBytes32,
  parseGroupId,
  type Parser,
  parseStateProof,
  shape,
  verifyStateProof,
  type Bytes32,
  type GroupId,
  InputError,
} from '@fiducia/core'
import { parseRoleOpening, parseRoleRecord, roleIdOf, roleKey, type RoleOpening, type RoleRecord } from '@fiducia/ledger'
import { formatRecord } from '../records.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { readJson } from './read.ts'
import { checkBlock, checkCosigned, isoTime, judgedBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/** What one group of organizations attests about a role, and by choice which role it is. */

interface AttestedRole {
  readonly key: string
  readonly value: RoleRecord
  readonly opening: (RoleOpening & { readonly rand32: Bytes32 }) | undefined
}

const parseOpening: Parser<RoleOpening & { readonly rand32: Bytes32 }> = (value, at) => {
  if (!shape.isObject(value)) throw new InputError('SHAPE', 'expected an object', { at })
  const { rand32, ...opening } = value
  return { ...parseRoleOpening(opening, at), rand32: parseBytes32(rand32, `${at}.rand32`) }
}

const parseRole: Parser<AttestedRole> = (value, at) => {
  const { opening, ...parsed } = shape.object({ key: shape.text(200), value: parseRoleRecord }, { opening: parseOpening })(value, at)
  return { ...parsed, opening }
}

function readKey(key: string): { readonly role: Bytes32; readonly group: GroupId } {
  const [word, role, group, ...more] = key.split('/')
  demand(word === 'role' && more.length === 0, 'role.json: expected a key `role/<role>/<group>`')
  const read = { role: parseBytes32(role, 'key'), group: parseGroupId(group, 'key') }
  demand(roleKey(read.role, read.group) === key, 'role.json: expected the one spelling of its key')
  return read
}

export function verifyAttestation(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const block = checkBlock(list, files)
  if (block === undefined) return
  const attested = list.run('state', () => {
    const read = readJson(files, 'role.json', parseRole)
    const name = readKey(read.key)
    verifyStateProof(block.block.stateRoot, read.key, formatRecord(read.value), readJson(files, 'state.json', parseStateProof))
    return passed({ ...read, ...name }, `the record of group \`${name.group}\` for role \`${name.role}\``)
  })
  if (attested === undefined) return
  const { expires, withdrawn } = attested.value
  const live = !withdrawn && block.block.time <= expires
  list.run('role', () => passed(true, describe(attested.value, live)))
  list.note('live', live)
  const { opening } = attested
  if (opening !== undefined) checkOpening(list, opening, attested.role)
  list.note('group', attested.group)
  list.note('role', attested.role)
  list.note('expires', expires)
  list.note('withdrawn', withdrawn)
  if (trust !== undefined) checkCosigned(list, [judgedBlock(block)], trust)
}

function describe({ version, expires, withdrawn }: RoleRecord, live: boolean): string {
  if (withdrawn) return `version ${version}, withdrawn`
  return `version ${version}, attested until ${isoTime(expires)}${live ? '' : ', which had passed'}`
}

function checkOpening(list: Checklist, opening: RoleOpening & { readonly rand32: Bytes32 }, role: Bytes32): void {
  list.run('opening', () => {
    demand(roleIdOf(opening, decodeBase64Url(opening.rand32)) === role, 'the role does not open to this code, organization and practitioner')
    return passed(true, `code \`${opening.code}\` at \`${opening.org}\``)
  })
}
