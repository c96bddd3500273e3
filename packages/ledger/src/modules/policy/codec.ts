import { InputError, parseBytes32, parseHandle, parseOrganizationId, shape } from '@fiducia/core'
import { MAX_DELEGATES, MAX_RECOVERY_KEYS } from '../../limits.ts'
import type {
  AtEpoch,
  Delegate,
  DelegateRight,
  OpenRelationship,
  Pending,
  Rebind,
  Recover,
  Recovery,
  RelationshipHead,
  RotateControl,
  SetDelegates,
  SetPolicy,
  SetRecovery,
} from './types.ts'

/** Shapes of heads and of the bodies that change them. Whether a key is admissible is judged by the transition. */

const { array, integer, literal, nullable, object } = shape

function sortedDistinct<T extends string>(parse: shape.Parser<readonly T[]>, what: string): shape.Parser<readonly T[]> {
  return (value, at) => {
    const items = parse(value, at)
    if (items.some((item, i) => i > 0 && (items[i - 1] ?? '') >= item)) throw new InputError('SHAPE', `expected ${what} sorted and distinct`, { at })
    return items
  }
}

const distinct =
  <T extends string>(parse: shape.Parser<readonly T[]>, what: string): shape.Parser<readonly T[]> =>
  (value, at) => {
    const items = parse(value, at)
    if (new Set(items).size !== items.length) throw new InputError('SHAPE', `expected distinct ${what}`, { at })
    return items
  }

const recoveryShape = object({ m: integer(1, MAX_RECOVERY_KEYS), hashes: sortedDistinct(array(parseBytes32, MAX_RECOVERY_KEYS, 1), 'recovery hashes') })

export const parseRecovery: shape.Parser<Recovery> = (value, at) => {
  const recovery = recoveryShape(value, at)
  if (recovery.m > recovery.hashes.length) throw new InputError('SHAPE', `expected m up to ${recovery.hashes.length}, found ${recovery.m}`, { at })
  return recovery
}

const parseRights: shape.Parser<readonly DelegateRight[]> = sortedDistinct(array(literal('set', 'restrict', 'link', 'read'), 4, 1), 'rights')

const delegateList = array<Delegate>(object({ pub: parseBytes32, rights: parseRights, expires: integer() }), MAX_DELEGATES)

const parseDelegates: shape.Parser<readonly Delegate[]> = (value, at) => {
  const delegates = delegateList(value, at)
  if (new Set(delegates.map(({ pub }) => pub)).size !== delegates.length) throw new InputError('SHAPE', 'expected each delegate once', { at })
  return delegates
}

const atEpoch = { handle: parseHandle, epoch: integer() }
const openedRecovery = { rand32: parseBytes32, keys: distinct(array(parseBytes32, MAX_RECOVERY_KEYS, 1), 'recovery keys') }
const parseCustody = literal('self', 'custodial')

export const parseOpen: shape.Parser<OpenRelationship> = object({
  handle: parseHandle,
  org: parseOrganizationId,
  control: parseBytes32,
  rand32: parseBytes32,
  recovery: parseRecovery,
  custody: parseCustody,
  chain: parseBytes32,
  seal: parseBytes32,
  bind: parseBytes32,
})
export const parseSetPolicy: shape.Parser<SetPolicy> = object({ handle: parseHandle, version: integer(1), commitment: parseBytes32, expires: integer() })
export const parseAtEpoch: shape.Parser<AtEpoch> = object(atEpoch)
export const parseRotate: shape.Parser<RotateControl> = object({ ...atEpoch, newControl: parseBytes32, newSeal: parseBytes32 })
export const parseSetDelegates: shape.Parser<SetDelegates> = object({ ...atEpoch, delegates: parseDelegates })
export const parseSetRecovery: shape.Parser<SetRecovery> = object({ ...atEpoch, ...openedRecovery, recovery: parseRecovery })
export const parseRecover: shape.Parser<Recover> = object({ ...atEpoch, ...openedRecovery, newControl: parseBytes32, newSeal: parseBytes32 })
export const parseRebind: shape.Parser<Rebind> = object({ ...atEpoch, bind: parseBytes32 })

const pendingRecovery = object({ kind: literal('recover'), control: parseBytes32, seal: parseBytes32, at: integer() })
const pendingClose = object({ kind: literal('close'), at: integer() })
const parsePending: shape.Parser<Pending> = (value, at) =>
  value === null ? null : shape.isObject(value) && value['kind'] === 'recover' ? pendingRecovery(value, at) : pendingClose(value, at)

/** The record at `rel/<handle>`, for whoever gets it from elsewhere together with a proof. */
export const parseHead: shape.Parser<RelationshipHead> = object({
  org: parseOrganizationId,
  status: literal('open', 'recovering', 'closed'),
  epoch: integer(),
  version: integer(),
  commitment: nullable(parseBytes32),
  expires: integer(),
  by: nullable(parseBytes32),
  base: nullable(integer()),
  control: parseBytes32,
  delegates: parseDelegates,
  recovery: parseRecovery,
  pending: parsePending,
  custody: parseCustody,
  chain: parseBytes32,
  seal: parseBytes32,
  bind: parseBytes32,
})
