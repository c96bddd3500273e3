import {
  decodeBase64Url,
  decodeUtf8,
  InputError,
  isKeyValidAt,
  keysHash,
  type KeyId,
  type KeyRecord,
  type OrganizationId,
  shape,
  transcriptOf,
  verifySignedObject,
  verifyStateProof,
} from '@fiducia/core'
import { ballotKey, roundKey, type RoundRecord, runKey, type RunOutcome, studyKey } from '@fiducia/ledger'
import { MAX_SHOWN_TITLE } from '../limits.ts'
import { formatRecord } from '../records.ts'
import { parseStudyKeys, roundKeysOf, type ShownRound } from '../study/keys.ts'
import { modelHashOf, parseModels, parseStudyPack, type Proven, resultHashOf, type StudyPack, studyIdOf } from '../study/pack.ts'
import type { BundleFiles } from '../types.ts'
import { type Checklist, demand, passed } from './checklist.ts'
import { fileOf, readJson } from './read.ts'
import { checkBlock, checkCosigned, isoTime, judgedBlock, type ReadBlock } from './shared.ts'
import type { Trust } from './trust.ts'

/**
 * A study that was run: what was approved is what was executed, by whom, round by round, and the result is the one that the ledger closed with. Or
 * the run was aborted, by whom and why, and there is no result.
 */
export function verifyStudy(list: Checklist, files: BundleFiles, trust: Trust | undefined): void {
  const block = checkBlock(list, files)
  if (block === undefined) return
  const pack = list.run('study', () => readPack(files, block))
  if (pack === undefined) return
  list.run('spec', () => checkSpec(files, pack))
  list.run('votes', () => checkVotes(pack))
  list.run('rounds', () => checkRounds(pack))
  list.run('round-keys', () => checkKeys(files, pack, block))
  list.run('models', () => checkModels(files, pack))
  const outcome = list.run('result', () => checkResult(files, pack))
  list.note('study', pack.spec)
  list.note('by', pack.study.value.by)
  list.note('run', pack.run)
  list.note('rounds', openedRounds(pack).length)
  list.note('sites', (pack.record.value.survivors ?? pack.record.value.roster).join(', '))
  if (outcome?.state === 'closed') list.note('microEpsilon', outcome.microEpsilon)
  if (outcome?.state === 'aborted') {
    list.note('abortedBy', outcome.by)
    list.note('reason', outcome.reason)
  }
  if (trust !== undefined) checkCosigned(list, [judgedBlock(block)], trust)
}

function readPack(files: BundleFiles, { block }: ReadBlock) {
  const pack = readJson(files, 'study.json', parseStudyPack)
  const { spec, run } = pack
  const stands = (key: string, { value, proof }: Proven<object>) => verifyStateProof(block.stateRoot, key, formatRecord(value), proof)
  stands(studyKey(spec), pack.study)
  stands(runKey({ spec, run }), pack.record)
  for (const ballot of pack.ballots) stands(ballotKey(spec, ballot.org), ballot)
  pack.rounds.forEach((round, i) => stands(roundKey({ spec, run, round: i + 1 }), round))
  demand(pack.run <= pack.study.value.runs, 'study.json: expected a run of the study')
  return passed(pack, `run ${run} of the study that \`${pack.study.value.by}\` proposed`)
}

function checkSpec(files: BundleFiles, { spec }: StudyPack) {
  const bytes = fileOf(files, 'spec.json')
  demand(studyIdOf(bytes) === spec, 'spec.json: expected the spec whose hash names the study')
  return passed(true, titleOf(bytes))
}

function titleOf(bytes: Uint8Array): string {
  try {
    const spec: unknown = JSON.parse(decodeUtf8(bytes))
    if (shape.isObject(spec) && typeof spec['title'] === 'string') return spec['title'].slice(0, MAX_SHOWN_TITLE).toWellFormed()
  } catch {
    // Said below: whatever it is, its hash is the right one.
  }
  throw new InputError('PROOF_FORMAT', 'spec.json: expected a spec with a title')
}

/** Every site of the run but the proposer approved before it was opened. */
function checkVotes({ study, ballots, record }: StudyPack) {
  const voters = record.value.roster.filter((org) => org !== study.value.by)
  demand(
    record.value.roster.every((org) => study.value.sites.includes(org)),
    'study.json: expected a roster of sites of the study',
  )
  demand(
    areSame(
      ballots.map(({ org }) => org),
      voters,
    ),
    'study.json: expected the ballot of each site but the proposer, in their order',
  )
  const against = ballots.filter(({ value }) => !value.approves || value.at > record.value.at)
  demand(against.length === 0, `expected approvals before the run, found otherwise: ${against.map(({ org }) => org).join(', ')}`)
  return passed(true, `${ballots.length} sites approved before ${isoTime(record.value.at)}`)
}

/** Those of which a sum was opened. */
const openedRounds = ({ rounds }: StudyPack): readonly RoundRecord[] => rounds.map(({ value }) => value).filter(({ survivors }) => survivors !== null)

/** Each over the same survivors. The last one of a run that was aborted may have none: nobody saw its sum. */
function checkRounds({ rounds, record }: StudyPack) {
  const { survivors, outcome } = record.value
  const isAborted = outcome?.state === 'aborted'
  demand(rounds.length === record.value.rounds && (rounds.length > 0 || isAborted), `expected ${record.value.rounds} rounds, found ${rounds.length}`)
  const unopened = isAborted && rounds.at(-1)?.value.survivors === null ? 1 : 0
  const opened = rounds.slice(0, rounds.length - unopened)
  opened.forEach(({ value }, i) => {
    demand(value.survivors !== null && survivors !== null && areSame(value.survivors, survivors), `round ${i + 1}: expected the survivors of the run`)
    const inputs = (survivors ?? []).map((org) => (Object.hasOwn(value.inputs, org) ? value.inputs[org] : undefined))
    demand(
      !inputs.includes(undefined) && new Set(inputs.map((input) => input?.transcript)).size === 1,
      `round ${i + 1}: expected a commitment of each under one transcript`,
    )
  })
  if (opened.length === 0) return passed(true, 'none of which anybody saw a sum')
  return passed(true, `${opened.length}, each over the sum of ${survivors?.length ?? 0} sites`)
}

/** Of each round in which a sum was opened: whose keys were shown to all, under which every survivor committed itself. */
function checkKeys(files: BundleFiles, pack: StudyPack, { net, block }: ReadBlock) {
  const { research, rounds } = readJson(files, 'keys.json', parseStudyKeys(net))
  for (const { key, value, proof } of research) {
    verifyStateProof(block.stateRoot, `key/${key}`, formatRecord(value), proof)
    demand(value.role === 'research' && isKeyValidAt(value, block.height), `keys.json: expected a valid research key of \`${value.org}\``)
  }
  const opened = openedRounds(pack)
  demand(rounds.length === opened.length, `keys.json: expected ${opened.length} rounds, found ${rounds.length}`)
  const keys = new Map(research.map(({ key, value }) => [key, value]))
  opened.forEach((round, i) =>
    checkRoundKeys(round, rounds[i] ?? { keys: [], sharers: [] }, { keys, roster: pack.record.value.roster, place: `keys.json: round ${i + 1}` }),
  )
  return passed(true, `${keys.size} research keys signed those of ${opened.length} rounds`)
}

interface Known {
  readonly keys: ReadonlyMap<KeyId, KeyRecord>
  readonly roster: readonly OrganizationId[]
  readonly place: string
}

function checkRoundKeys(round: RoundRecord, shown: ShownRound, { keys, roster, place }: Known): void {
  const orgs = shown.keys.map((signed) => {
    const body = roundKeysOf(signed)
    const record = keys.get(signed.key)
    demand(record?.org === body.org && roster.includes(body.org), `${place}: expected keys under a research key of the site itself`)
    demand(body.round === round.terms, `${place}: expected keys for this round`)
    demand(verifySignedObject(signed, 'round-keys', decodeBase64Url(record?.pub ?? '')), `${place}: the signature of \`${body.org}\` does not hold`)
    return body.org
  })
  demand(
    shown.sharers.every((org) => orgs.includes(org)) && (round.survivors ?? []).every((org) => shown.sharers.includes(org)),
    `${place}: expected keys of each site whose shares were handed on, and of each survivor`,
  )
  const transcript = transcriptOf(round.terms, keysHash(shown.keys), shown.sharers)
  demand(
    (round.survivors ?? []).every((org) => round.inputs[org]?.transcript === transcript),
    `${place}: expected the keys to which the sites committed`,
  )
}

function checkModels(files: BundleFiles, { rounds }: StudyPack) {
  const models = readJson(files, 'models.json', parseModels)
  demand(models.length === rounds.length, `models.json: expected ${rounds.length} rounds, found ${models.length}`)
  models.forEach((values, i) => demand(modelHashOf(decodeBase64Url(values)) === rounds[i]?.value.model, `models.json: expected the values of round ${i + 1}`))
  return passed(true, 'the values that went out in each round')
}

function checkResult(files: BundleFiles, { record }: StudyPack) {
  const { outcome } = record.value
  if (outcome === null) throw new InputError('PROOF_FORMAT', 'expected a run that has ended, found one that goes on')
  if (outcome.state === 'aborted') {
    demand(!files.has('result.json') && !files.has('card.json'), 'expected no result of a run that was aborted')
    return passed<RunOutcome>(outcome, `aborted ${isoTime(outcome.at)} by \`${outcome.by}\`: ${outcome.reason}`)
  }
  demand(resultHashOf(fileOf(files, 'result.json')) === outcome.result, 'result.json: expected the result with which the run was closed')
  demand(resultHashOf(fileOf(files, 'card.json')) === outcome.card, 'card.json: expected the card with which the run was closed')
  return passed<RunOutcome>(outcome, `closed ${isoTime(outcome.at)}`)
}

const areSame = (one: readonly OrganizationId[], other: readonly OrganizationId[]): boolean => one.join() === other.join()
