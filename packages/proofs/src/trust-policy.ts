import {
  formatVerifierKey,
  InputError,
  KEY_TYPE_LOG,
  KEY_TYPE_WITNESS,
  parseAccessLogOrigin,
  parseVerifierKey,
  show,
  type NetworkId,
  type VerifierKey,
} from '@fiducia/core'
import { quorumOfGroups, type TrustRecord } from '@fiducia/ledger'
import { MAX_TRUST_POLICY_BYTES, MAX_TRUST_POLICY_LINES } from './limits.ts'

/**
 * Whom a reader trusts: the keys of the logs, and which witnesses must have cosigned a checkpoint of any of them. In the
 * network it is the state record `trust`; outside it is a C2SP tlog-policy, a text that other tools read too:
 *
 *   log VKEY                       any number
 *   witness NAME VKEY              NAME is the key's name
 *   group G any W…                 one for each group of organizations; any one witness speaks for it
 *   group quorum k G…              k groups are enough
 *   quorum quorum                  or `quorum none`, when one group is all there is: unwitnessed
 */
export interface TrustPolicy {
  readonly logs: readonly VerifierKey[]
  readonly groups: readonly WitnessGroup[]
  /** Groups that must have cosigned; 0 = `quorum none`. */
  readonly quorum: number
}

export interface WitnessGroup {
  readonly name: string
  readonly witnesses: readonly VerifierKey[]
}

const wrong = (message: string) => new InputError('NOTE_FORMAT', message)

interface Draft {
  readonly logs: VerifierKey[]
  /** Every key so far, as it is written. */
  readonly keys: Set<string>
  readonly witnesses: Map<string, VerifierKey>
  readonly groups: Map<string, WitnessGroup>
  /** The group of groups. */
  top: { readonly name: string; readonly quorum: number; readonly members: readonly string[] } | undefined
  quorum: string | undefined
}

/** Throws `NOTE_FORMAT` for text that is not a tlog-policy of the form above. Comments, empty lines and URLs are read over. */
export function parseTrustPolicy(text: string): TrustPolicy {
  if (text.length > MAX_TRUST_POLICY_BYTES) throw wrong(`expected a policy of at most ${MAX_TRUST_POLICY_BYTES} bytes, found ${text.length}`)
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length > MAX_TRUST_POLICY_LINES) throw wrong(`expected at most ${MAX_TRUST_POLICY_LINES} lines, found ${lines.length}`)
  const draft: Draft = { logs: [], keys: new Set(), witnesses: new Map(), groups: new Map(), top: undefined, quorum: undefined }
  for (const line of lines) readLine(draft, line)
  return finish(draft)
}

function readLine(draft: Draft, line: string): void {
  if (draft.quorum !== undefined) throw wrong('expected nothing after the quorum line')
  const [word = '', ...fields] = line.split(/[ \t]+/)
  const read = LINES.get(word)
  if (read === undefined) throw wrong(`expected a line log, witness, group or quorum, found ${show(word)}`)
  read(draft, fields)
}

const LINES: ReadonlyMap<string, (draft: Draft, fields: readonly string[]) => void> = new Map([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
])

function readQuorum(draft: Draft, fields: readonly string[]): void {
  if (fields.length !== 1) throw wrong('expected `quorum NAME` or `quorum none`')
  draft.quorum = fields[0]
}

function newKeyOf(draft: Draft, field: string | undefined, type: VerifierKey['type'], what: string): VerifierKey {
  const key = keyOf(field, type)
  const text = formatVerifierKey(key)
  if (draft.keys.has(text)) throw wrong(`${what} key ${show(key.name)} stands twice`)
  draft.keys.add(text)
  return key
}

function keyOf(field: string | undefined, type: VerifierKey['type']): VerifierKey {
  const key = parseVerifierKey(field ?? '')
  if (key.type !== type) throw wrong(`expected a key of type ${type}, found type ${key.type}`)
  return key
}

function readLog(draft: Draft, fields: readonly string[]): void {
  if (fields.length < 1 || fields.length > 2) throw wrong('expected `log VKEY [URL]`')
  draft.logs.push(newKeyOf(draft, fields[0], KEY_TYPE_LOG, 'log'))
}

function readWitness(draft: Draft, fields: readonly string[]): void {
  const [name] = fields
  if (name === undefined || fields.length < 2 || fields.length > 3) throw wrong('expected `witness NAME VKEY [URL]`')
  checkNewName(draft, name)
  draft.witnesses.set(name, newKeyOf(draft, fields[1], KEY_TYPE_WITNESS, 'witness'))
}

function checkNewName(draft: Draft, name: string): void {
  if (name === 'none' || draft.witnesses.has(name) || draft.groups.has(name) || draft.top?.name === name) throw wrong(`the name ${show(name)} is taken`)
}

/** `group G any W…` over witnesses, or `group NAME k G…` over groups. */
function readGroup(draft: Draft, fields: readonly string[]): void {
  const [name, threshold, ...members] = fields
  if (name === undefined || threshold === undefined || members.length === 0) throw wrong('expected `group NAME any|all|k MEMBER…`')
  checkNewName(draft, name)
  if (new Set(members).size !== members.length) throw wrong(`group ${show(name)} names a member twice`)
  if (members.every((member) => draft.groups.has(member))) {
    if (draft.top !== undefined) throw wrong('expected one group of groups, found two')
    draft.top = { name, quorum: readThreshold(threshold, members.length), members }
    return
  }
  if (readThreshold(threshold, members.length) !== 1) throw wrong(`expected \`group ${name} any …\`: any one witness speaks for its group`)
  const witnesses = members.map((member) => draft.witnesses.get(member))
  if (witnesses.includes(undefined)) throw wrong(`group ${show(name)} names a witness that is not listed above it`)
  draft.groups.set(name, { name, witnesses: witnesses.filter((witness) => witness !== undefined) })
}

function readThreshold(text: string, members: number): number {
  if (text === 'any') return 1
  if (text === 'all') return members
  const k = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0
  if (k < 1 || k > members) throw wrong(`expected \`any\`, \`all\` or 1 to ${members}, found ${show(text)}`)
  return k
}

function finish(draft: Draft): TrustPolicy {
  if (draft.logs.length === 0) throw wrong('expected at least one log line')
  if (draft.quorum === undefined) throw wrong('expected a quorum line at the end')
  const groups = [...draft.groups.values()]
  if (draft.quorum === 'none') return { logs: draft.logs, groups, quorum: 0 }
  if (draft.top === undefined || draft.quorum !== draft.top.name) throw wrong(`expected the quorum to be the group of groups, found ${show(draft.quorum)}`)
  const members = new Set(draft.top.members)
  const counted = groups.filter((group) => members.has(group.name))
  const witnesses = counted.flatMap((group) => group.witnesses)
  if (new Set(witnesses).size !== witnesses.length) throw wrong('a witness stands in two groups of the quorum')
  return { logs: draft.logs, groups: counted, quorum: draft.top.quorum }
}

/** The tlog-policy, as `network create` and the demo write it. Throws `NOTE_FORMAT` for group names that the format reserves. */
export function formatTrustPolicy(policy: TrustPolicy): string {
  if (policy.groups.some((group) => group.name === 'quorum' || group.name === 'none'))
    throw wrong('a group may not be named `quorum` or `none` in a tlog-policy')
  const nameOf = witnessNames(policy.groups.flatMap((group) => group.witnesses))
  const witnesses = policy.groups.flatMap((group) => group.witnesses)
  const names = policy.groups.map((group) => group.name)
  return [
    ...policy.logs.map((log) => `log ${formatVerifierKey(log)}`),
    ...witnesses.map((witness) => `witness ${nameOf(witness)} ${formatVerifierKey(witness)}`),
    ...policy.groups.map((group) => `group ${group.name} any ${group.witnesses.map(nameOf).join(' ')}`),
    ...(policy.quorum === 0 ? ['quorum none'] : [`group quorum ${policy.quorum} ${names.join(' ')}`, 'quorum quorum']),
    '',
  ].join('\n')
}

/** A key's name, with its hash where two keys of one witness stand side by side (a rotation). */
function witnessNames(witnesses: readonly VerifierKey[]): (witness: VerifierKey) => string {
  const seen = new Map<string, number>()
  for (const { name } of witnesses) seen.set(name, (seen.get(name) ?? 0) + 1)
  return (witness) => (seen.get(witness.name) === 1 ? witness.name : formatVerifierKey(witness).split('+').slice(0, 2).join('+'))
}

function sortedKeys(texts: readonly string[], type: VerifierKey['type'], net: NetworkId | undefined): readonly VerifierKey[] {
  if (texts.some((text, i) => i > 0 && (texts[i - 1] ?? '') >= text)) throw wrong('expected verifier keys sorted and distinct')
  const keys = texts.map((text) => keyOf(text, type))
  const foreign = keys.find(({ name }) => net !== undefined && !isNameOf(name, type, net))
  if (foreign !== undefined) throw wrong(`expected names of network \`${net}\`, found ${show(foreign.name)}`)
  return keys
}

function isNameOf(name: string, type: VerifierKey['type'], net: NetworkId): boolean {
  if (type === KEY_TYPE_WITNESS) return name.startsWith(`${net}/witness/`)
  return name === `${net}/ledger` || parseAccessLogOrigin(name)?.net === net
}

/** The policy of a trust record. Throws `NOTE_FORMAT` unless its keys are sorted, distinct and of `net`, and its quorum is the protocol's. */
export function trustPolicyOf(record: TrustRecord, net?: NetworkId): TrustPolicy {
  const names = Object.keys(record.groups).toSorted()
  const expected = quorumOfGroups(names.length)
  if (record.quorum !== expected) throw wrong(`expected a quorum of ${expected} of ${names.length} groups, found ${record.quorum}`)
  const groups = names.map((name) => ({ name, witnesses: sortedKeys(record.groups[name] ?? [], KEY_TYPE_WITNESS, net) }))
  const witnesses = groups.flatMap((group) => group.witnesses.map(formatVerifierKey))
  if (new Set(witnesses).size !== witnesses.length) throw wrong('a witness stands in two groups')
  return { logs: sortedKeys(record.logs, KEY_TYPE_LOG, net), groups, quorum: record.quorum }
}

/** True when both policies trust the same logs and count the same witnesses in the same groups; order does not matter. */
export function equalTrustPolicies(a: TrustPolicy, b: TrustPolicy): boolean {
  const spell = (keys: readonly VerifierKey[]) => keys.map(formatVerifierKey).toSorted().join(' ')
  const groups = (policy: TrustPolicy) =>
    policy.groups
      .map((group) => `${group.name}: ${spell(group.witnesses)}`)
      .toSorted()
      .join('; ')
  if (a.quorum !== b.quorum || spell(a.logs) !== spell(b.logs)) return false
  return a.quorum === 0 || groups(a) === groups(b)
}

/** The keys that may sign for this origin. */
export const logKeysOf = (policy: TrustPolicy, origin: string): readonly VerifierKey[] => policy.logs.filter((log) => log.name === origin)
