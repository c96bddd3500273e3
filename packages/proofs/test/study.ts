import {
  type Bytes32,
  ed25519KeyId,
  ed25519PublicKey,
  encodeBase64Url,
  encodeUtf8,
  type KeyId,
  type KeyRecord,
  keysHash,
  parseOrganizationId,
  signObject,
  transcriptOf,
} from '@fiducia/core'
import { type BallotRecord, ballotKey, roundKey, type RoundRecord, runKey, type RunRecord, studyKey, type StudyRecord } from '@fiducia/ledger'
import * as proofs from '../src/index.ts'
import { bytes, bytes32, makeLedger, net, provenRecord, SLOT } from './network.ts'

/** A study that `alpha` proposed over four sites and ran in two rounds; `gamma` gave nothing in the first, and is in none of the sums. */

const TIME = SLOT * 60_000
const sites = ['alpha', 'beta', 'delta', 'gamma'].map((org) => parseOrganizationId(org))
const [proposer, ...voters] = sites as [(typeof sites)[number], ...typeof sites]
const survivors = sites.filter((org) => org !== 'gamma')

export const specFile = encodeUtf8('{"title":"Length of stay","v":1}')
const resultFile = encodeUtf8('{"mean":4.5}')
const cardFile = encodeUtf8('{"limits":[]}')
export const modelValues = [1, 2].map((round) => new Uint8Array(new Float64Array([round, 0.5]).buffer))

export const closed = { state: 'closed', at: TIME - 1, result: proofs.resultHashOf(resultFile), card: proofs.resultHashOf(cardFile), microEpsilon: 0 } as const
export const run: RunRecord = { at: TIME - 8, roster: sites, rounds: 2, survivors, outcome: closed }
export const ballot: BallotRecord = { version: 1, approves: true, at: TIME - 9 }
const study: StudyRecord = { by: proposer, at: TIME - 10, sites, runs: 1 }

const terms = (n: number): Bytes32 => bytes32(`terms ${n}`)
export const researchSeed = (org: string): Uint8Array => bytes(`research ${org}`)

/** A site's keys for a round, signed by its research key; with changes, by whoever has that seed. */
export const signedKeys = (n: number, org: string, changes: { readonly org?: string; readonly round?: Bytes32; readonly seed?: Uint8Array } = {}) =>
  signObject(
    'round-keys',
    {
      v: 1,
      net,
      type: 'round-keys',
      org: changes.org ?? org,
      round: changes.round ?? terms(n),
      ...Object.fromEntries(['mask', 'seal', 'self'].map((name) => [name, bytes32(`${name} ${n} ${org}`)])),
    },
    changes.seed ?? researchSeed(org),
  )

/** What all sites were shown: everybody's keys, and that everybody dealt shares. */
export const shownRound = (n: number): proofs.ShownRound => ({ keys: sites.map((org) => signedKeys(n, org)), sharers: sites })

export const round = (n: number, inputs: readonly string[] = n === 1 ? survivors : sites, shown = shownRound(n)): RoundRecord => ({
  at: TIME - 8 + n,
  model: proofs.modelHashOf(modelValues[n - 1] ?? new Uint8Array()),
  terms: terms(n),
  inputs: Object.fromEntries(
    inputs.map((org) => [org, { transcript: transcriptOf(terms(n), keysHash(shown.keys), shown.sharers), commitment: bytes32(`commitment ${n} ${org}`) }]),
  ),
  survivors,
})

const researchKeys: readonly (readonly [KeyId, KeyRecord])[] = sites.map((org) => {
  const pub = ed25519PublicKey(researchSeed(org))
  return [ed25519KeyId(pub), { org, role: 'research', alg: 'ed25519', pub: encodeBase64Url(pub), from: 0 }]
})

/** What the ledger says, and what is shown of it and beside it. */
export interface StudyChanges {
  readonly study?: StudyRecord
  readonly ballots?: { readonly [org: string]: BallotRecord }
  readonly run?: RunRecord
  readonly rounds?: readonly RoundRecord[]
  /** The file that the study is named by; `files` may show another one. */
  readonly spec?: Uint8Array
  readonly pack?: (pack: proofs.StudyPack) => proofs.StudyPack
  readonly files?: Partial<Pick<proofs.StudyParts, 'spec' | 'models'>> & Partial<NonNullable<proofs.StudyParts['end']>>
  readonly hasResult?: boolean
  /** What the ledger has of the research keys. */
  readonly researchKey?: (record: KeyRecord) => KeyRecord
  readonly keys?: (keys: proofs.StudyKeys) => proofs.StudyKeys
}

/** The bundle; with changes by somebody whose ledger says whatever suits him. */
export function studyBundle(changes: StudyChanges = {}): proofs.BundleFiles {
  const spec = proofs.studyIdOf(changes.spec ?? specFile)
  const [studied, record, rounds] = [changes.study ?? study, changes.run ?? run, changes.rounds ?? [round(1), round(2)]]
  const ballots = voters.map((org) => ({ org, key: ballotKey(spec, org), value: changes.ballots?.[org] ?? ballot }))
  const roundName = (i: number) => roundKey({ spec, run: 1, round: i + 1 })
  const ledger = makeLedger({
    [studyKey(spec)]: studied,
    [runKey({ spec, run: 1 })]: record,
    ...Object.fromEntries(ballots.map(({ key, value }) => [key, value])),
    ...Object.fromEntries(rounds.map((value, i) => [roundName(i), value])),
    ...Object.fromEntries(researchKeys.map(([key, value]) => [`key/${key}`, changes.researchKey?.(value) ?? value])),
  })
  const shown = <T>(key: string, value: T) => ({ value, proof: ledger.tree.prove(key) })
  const pack: proofs.StudyPack = {
    spec,
    run: 1,
    study: shown(studyKey(spec), studied),
    ballots: ballots.map(({ org, key, value }) => ({ org, ...shown(key, value) })),
    record: shown(runKey({ spec, run: 1 }), record),
    rounds: rounds.map((value, i) => shown(roundName(i), value)),
  }
  const { block, proof } = provenRecord(ledger, studyKey(spec), SLOT * 60 + 20)
  const { spec: shownSpec = changes.spec ?? specFile, models = modelValues, result = resultFile, card = cardFile } = changes.files ?? {}
  const end = changes.hasResult === false ? {} : { end: { result, card } }
  const research = researchKeys.map(([key, value]) => ({ key, ...shown(`key/${key}`, changes.researchKey?.(value) ?? value) }))
  const keys = { research, rounds: rounds.flatMap(({ survivors: named }, i) => (named === null ? [] : [shownRound(i + 1)])) }
  return proofs.buildStudy({
    pack: changes.pack?.(pack) ?? pack,
    spec: shownSpec,
    models,
    keys: changes.keys?.(keys) ?? keys,
    ...end,
    proven: { block, proof },
  })
}
