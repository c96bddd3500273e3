import path from 'node:path'
import { decodeUtf8, ed25519KeyId, encodeBase64Url, encodeHex, encodeU64, hkdf, leafHash, parseBytes32, rootOfLeafHashes, seedSigner } from '@fiducia/core'
import {
  batchRoot,
  type BatchLine,
  encodeLine,
  identifierSubject,
  lineCommitment,
  locationSubject,
  npiSubject,
  roleSubject,
  type Statement,
} from '@fiducia/directory'
import {
  appHashOf,
  apply,
  contestIdOf,
  decodeTransaction,
  encodeBlockEntry,
  encodeGenesisEntry,
  encodeTransactionEntry,
  handleOf,
  policyCommitment,
  recoveryHashOf,
  roleIdOf,
} from '@fiducia/ledger'
import { type BundleFiles, chainOf, controlKey, delegateKey, formatTrustPolicy, relationshipSecret, sealKey, tagKeyOf, verifyBundle } from '@fiducia/proofs'
import {
  birch,
  genesisFile,
  nodeSeed,
  openWire,
  ORGS,
  publicKeyOf,
  publicOf,
  seedOf,
  setWire,
  START,
  startState,
  transaction,
  wallet,
} from '../packages/ledger/test/world.ts'
import { bundles } from '../packages/proofs/test/bundles.ts'
import { events, logs, opening, policy } from '../packages/proofs/test/network.ts'
import { root } from './run.ts'
import { blocksOf, studyVectors } from './study-vectors.ts'

/**
 * The test vectors of docs/spec, made from fixed seeds by this implementation. They are for whoever writes another one; an
 * independent implementation's vectors judge this one (`npm run test:external`).
 */
export const VECTORS: Readonly<Record<string, () => unknown>> = {
  'names.json': names,
  'transactions.json': transactions,
  'ledger.json': ledger,
  'leaves.json': leaves,
  'bundles.json': bundleVectors,
  'keys.json': keys,
  'directory.json': directory,
  'study.json': studyVectors,
}

export const vectorFile = (name: string): string => path.join(root, 'docs', 'spec', 'vectors', name)
export const formatVector = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function directory() {
  const address = { line: '12 elm st', line2: '', city: 'salem', state: 'OR', postalCode: '97301', country: 'US' }
  const practitioner = npiSubject('practitioner', '1234567893')
  const clinic = identifierSubject('organization', 'urn:example:clinics', '7')
  const place = locationSubject(address)
  const role = roleSubject(practitioner, clinic, place)
  const said = { observedAt: START, basis: 'own-record', origin: 'birch' } as const
  const statements: readonly Statement[] = [
    { subject: practitioner, operation: 'assert', fields: { 'name.family': 'Rowan', 'taxonomy/207Q00000X': 'primary' }, ...said },
    { subject: role, operation: 'confirm', fields: { status: 'active' }, ...said },
    { subject: place, operation: 'withdraw', fields: { phone: null }, ...said },
  ]
  const lines = statements.map((statement, i): BatchLine => ({ salt: parseBytes32(encodeBase64Url(seedOf(`salt ${i}`))), statement }))
  const coms = lines.map(lineCommitment)
  const root32 = batchRoot(coms)
  const erased = lines.map((line, i): BatchLine => (i === 0 ? { com: parseBytes32(encodeBase64Url(coms[0] ?? new Uint8Array())) } : line))
  const text = (all: readonly BatchLine[]) => all.map((line) => decodeUtf8(encodeLine(line)))
  const contested = { root: root32, index: 1, field: 'status' }
  return {
    subjects: { practitioner, clinic, place: { address, key: place }, role },
    statements: lines.map((line, i) => ({ line: decodeUtf8(encodeLine(line)), com: encodeHex(coms[i] ?? new Uint8Array()) })),
    batch: { root: root32, lines: text(lines), afterErasure: text(erased), rootAfterErasure: batchRoot(erased.map(lineCommitment)) },
    contest: { ...contested, id: contestIdOf(contested) },
  }
}

const patient = wallet('vectors')
const [org] = ORGS
if (org === undefined) throw new Error('the test world has no organization')

function names() {
  const [seed, rand32] = [seedOf('vector seed'), seedOf('vector rand32')]
  const secret = relationshipSecret(seed, rand32)
  const tagkey = tagKeyOf(secret)
  const keys = [0, 1].map((epoch) => ({
    epoch,
    control: { secret: encodeHex(controlKey(seed, rand32, epoch).secret), pub: controlKey(seed, rand32, epoch).pub },
    seal: { secret: encodeHex(sealKey(seed, rand32, epoch).secret), pub: sealKey(seed, rand32, epoch).pub },
  }))
  const control = publicKeyOf('vector control')
  const policyText = '{"grants":[{"effect":"permit","purposes":["TREAT"]}],"v":1}'
  const { rand32: roleRand, ...role } = opening
  return {
    wallet: {
      seed: encodeHex(seed),
      rand32: encodeHex(rand32),
      K: encodeHex(secret),
      tagkey: encodeHex(tagkey),
      chain: chainOf(tagkey),
      keys,
      delegate: delegateKey(seed, rand32).pub,
    },
    handle: {
      net: 'test',
      org,
      control: encodeHex(control),
      rand32: encodeHex(rand32),
      handle: handleOf(startState().net, org ?? opening.org, control, rand32),
    },
    recovery: { rand32: encodeHex(rand32), pub: publicOf('vector recovery'), hash: recoveryHashOf(rand32, publicKeyOf('vector recovery')) },
    policy: { policy: policyText, salt: encodeHex(seedOf('vector salt')), commitment: policyCommitment(policyText, seedOf('vector salt')) },
    role: { opening: role, rand32: roleRand, role: roleIdOf(role, seedOf('vector role')), rand32OfRole: encodeHex(seedOf('vector role')) },
  }
}

const showTransaction = (wire: Uint8Array) => ({
  wire: decodeUtf8(wire),
  id: decodeTransaction(wire).id,
  signedBytes: encodeHex(decodeTransaction(wire).signedBytes),
})

function transactions() {
  const open = openWire(patient)
  const spaced = decodeUtf8(open).replace('{"payload"', '{ "payload"')
  const swapped = JSON.parse(decodeUtf8(open)) as { signatures: unknown[] }
  swapped.signatures.reverse()
  return {
    accepted: [open, setWire(patient, 1), transaction('rel.close', { handle: patient.handle, epoch: 0 }, START, patient.control)].map(showTransaction),
    refused: [
      { name: 'a space', wire: spaced, reason: 'not its own canonical form' },
      { name: 'signatures in the other order', wire: JSON.stringify(swapped), reason: 'signatures ascend by the text of their key ids' },
    ],
  }
}

function ledger() {
  const entries: Uint8Array[] = []
  const shown: unknown[] = []
  const add = (entry: Uint8Array) => {
    entries.push(entry)
    const logRoot = rootOfLeafHashes(entries.map(leafHash))
    shown.push({
      index: entries.length - 1,
      entry: encodeHex(entry),
      leafHash: encodeHex(leafHash(entry)),
      root: encodeHex(logRoot),
      ...(entry[0] === 2 ? { appHash: encodeHex(appHashOf(entries.length, logRoot)) } : {}),
    })
  }
  let state = startState()
  add(encodeGenesisEntry(genesisFile()))
  add(encodeBlockEntry({ height: 0, time: state.time, stateRoot: state.tree.root, count: 0 }))
  for (const [height, wire] of [openWire(patient), setWire(patient, 1), setWire(patient, 2)].entries()) {
    const block = { height: height + 1, time: START + height * 1000, transactions: [wire] }
    state = apply(state, block).state
    add(encodeTransactionEntry(wire))
    add(encodeBlockEntry({ height: block.height, time: block.time, stateRoot: state.tree.root, count: 1 }))
  }
  return { genesis: decodeUtf8(genesisFile()), entries: shown, head: state.tree.get(`rel/${patient.handle}`) }
}

function leaves() {
  const [log] = logs
  return {
    events: events.map(({ leaf, disclosure, decision, extra, salt2 }) => ({
      leaf: encodeHex(leaf),
      disclosure,
      decision,
      salt: encodeHex(extra.subarray(0, 32)),
      blind: encodeHex(extra.subarray(32)),
      salt2: encodeHex(salt2),
    })),
    batch: { origin: log.key.name, leaves: log.leaves.map(encodeHex), tagMapRoot: encodeHex(log.state.sealed.tags.root), root: encodeHex(log.hashes.root()) },
  }
}

const isText = (name: string) => /\.(json|tlog-proof)$/.test(name)
const showFiles = (files: BundleFiles) => Object.fromEntries([...files].map(([name, bytes]) => [name, isText(name) ? decodeUtf8(bytes) : encodeHex(bytes)]))

function bundleVectors() {
  const cases = Object.entries(bundles).filter(([, files]) => verifyBundle(files, policy).valid)
  const refused = cases.flatMap(([name, files]) => [...files].map(([file, bytes]) => ({ case: name, file, bit: bytes.length * 4, reason: 'one changed bit' })))
  return {
    policy: formatTrustPolicy(policy),
    cases: cases.map(([name, files]) => ({
      name,
      files: showFiles(files),
      digest: encodeBase64Url(leafHash(new TextEncoder().encode(JSON.stringify(showFiles(files))))),
    })),
    refused,
  }
}

/** A network whose keys change, and whose logs were restored. */
function keys() {
  const idOf = (label: string) => ed25519KeyId(publicKeyOf(label))
  const add = (role: string, label: string) => transaction('key.add', { role, alg: 'ed25519', pub: publicOf(label) }, START, nodeSeed(birch), seedOf(label))
  const retire = (label: string, more = {}) => transaction('key.retire', { key: idOf(label), ...more }, START, nodeSeed(birch))
  const open = (k: number, label: string) =>
    transaction('access.open', { origin: `test/log/${birch}/${k}`, key: idOf(label), ...(k === 1 ? {} : { standby: true }) }, START, nodeSeed(birch))
  const history: readonly (readonly [string, Uint8Array])[] = [
    ['a log and its standby, both listed by the genesis', open(1, 'birch log 2')],
    ['', open(2, 'birch log 3')],
    ['the standby took over: a third log’s key, and the log, which joins the trust record', add('log', 'birch log 4')],
    ['', open(3, 'birch log 4')],
    ['a witness’s next key beside the one that serves', add('witness', 'birch witness 2')],
    ['a third at once', add('witness', 'birch witness 3')],
    ['the old one', retire('birch witness 1')],
    ['the last one', retire('birch witness 2')],
    ['a key of research, stolen from its first block on', add('research', 'birch research')],
    ['', retire('birch research', { compromisedFrom: 7 })],
    ['said again', retire('birch research', { compromisedFrom: 7 })],
  ]
  const seed = seedOf('first log')
  return {
    genesis: decodeUtf8(genesisFile()),
    blocks: blocksOf(history),
    laterLogs: { seed: encodeHex(seed), keys: [3, 4].map((k) => ({ k, pub: encodeBase64Url(seedSigner(hkdf(seed, 'logkey', encodeU64(k))).publicKey) })) },
  }
}
