import { decodeUtf8, encodeHex, encodeUtf8, type JsonObject, type OrganizationId } from '@fiducia/core'
import { apply, type TransactionType } from '@fiducia/ledger'
import { modelHashOf, resultHashOf, studyIdOf } from '@fiducia/proofs'
import { programBytes } from '@fiducia/research'
import { alder, birch, cedar, genesisFile, nodeSeed, ORGS, publicOf, START, startState, transaction } from '../packages/ledger/test/world.ts'

/** Two runs of a study over the five members of the ledger's test world: birch and elm are of one group. */

type History = readonly (readonly [note: string, wire: Uint8Array])[]

/** One transaction a block, with the records that it wrote or the code that refused it. */
export function blocksOf(history: History) {
  let state = startState()
  return history.map(([note, wire]) => {
    const { state: next, results } = apply(state, { height: state.height + 1, time: START, transactions: [wire] })
    const [result] = results
    state = next
    const written = result?.accepted === true ? Object.fromEntries(result.changed.map((key) => [key, next.tree.get(key)])) : undefined
    return {
      ...(note === '' ? {} : { note }),
      wire: decodeUtf8(wire),
      ...(result?.accepted === true ? { height: next.height, written, stateRoot: encodeHex(next.tree.root) } : { refused: result?.code }),
    }
  })
}

const [dune, elm] = ORGS.slice(3) as [OrganizationId, OrganizationId]
const four = [alder, birch, cedar, dune]

const files = { spec: '{"title":"Length of stay","v":1}', result: '{"mean":4.5}', card: '{"limits":[]}' }
const spec = studyIdOf(encodeUtf8(files.spec))
const [result, card] = [files.result, files.card].map((text) => resultHashOf(encodeUtf8(text)))
const models = [
  { stage: 0, numbers: [] },
  { stage: 1, numbers: [0.5, -2] },
].map(({ stage, numbers }) => {
  const bytes = programBytes({ stage, values: Float64Array.from(numbers) })
  return { stage, numbers, values: encodeHex(bytes), model: modelHashOf(bytes) }
})

// ---- transactions ---------------------------------------------------------------------------------------------------------

const send = (type: TransactionType, by: OrganizationId, body: JsonObject) => transaction(type, { spec, ...body }, START, nodeSeed(by))
const propose = (sites: readonly OrganizationId[], by = alder) => send('study.propose', by, { sites })
const vote = (by: OrganizationId, version = 1, approves = true) => send('study.vote', by, { version, approves })
const open = (run: number) => send('run.open', alder, { run, roster: ORGS })
const close = (run: number) => send('run.close', alder, { run, result: result ?? null, card: card ?? null, microEpsilon: 0 })
const abort = (run: number, by: OrganizationId, reason: string) => send('run.abort', by, { run, reason })
const begin = (run: number, round: number) =>
  send('round.begin', alder, { run, round, model: models[round - 1]?.model ?? null, terms: publicOf(`terms ${run} ${round}`) })
const input = (by: OrganizationId, run: number, round: number, transcript = `transcript ${run} ${round}`) =>
  send('round.input', by, { run, round, transcript: publicOf(transcript), commitment: publicOf(`masked ${run} ${round} ${by}`) })
const inputs = (sites: readonly OrganizationId[], run: number, round: number): History => sites.map((by) => ['', input(by, run, round)])
const survive = (run: number, round: number, survivors: readonly OrganizationId[]) => send('round.survivors', alder, { run, round, survivors })

const approval: History = [
  ['two groups', propose([alder, birch, elm])],
  ['by alder, who is a site too', propose(ORGS)],
  ['said again', propose(ORGS, birch)],
  ['its own proposer', vote(alder)],
  ...ORGS.slice(1).map((by) => ['', vote(by)] as const),
  ['not the next vote', vote(birch, 3)],
]

const firstRun: History = [
  ['', open(1)],
  ['another run beside it', open(2)],
  ['a result without a round', close(1)],
  ['', begin(1, 1)],
  ['before the round before it has survivors', begin(1, 2)],
  ...inputs(four, 1, 1),
  ['a site that saw other keys', input(elm, 1, 1, 'other transcript')],
  ['one that gave no commitment', survive(1, 1, ORGS)],
  ['too few: three of five', survive(1, 1, [alder, birch, cedar])],
  ['', survive(1, 1, four)],
  ['named twice', survive(1, 1, four)],
  ['', begin(1, 2)],
  ...inputs(ORGS, 1, 2),
  ['other survivors than in the round before', survive(1, 2, ORGS)],
  ['', survive(1, 2, four)],
  ['', close(1)],
  ['a run that has ended', abort(1, birch, 'data')],
]

const secondRun: History = [
  ['an approval taken back', vote(birch, 2, false)],
  ['without it', open(2)],
  ['given again', vote(birch, 3)],
  ['', open(2)],
  ['', begin(2, 1)],
  ...inputs(ORGS, 2, 1),
  ['elm alone would be left when the first run’s sum is taken away', survive(2, 1, ORGS)],
  ['a patient withdrew', abort(2, elm, 'withdrawal')],
  ['', begin(2, 2)],
]

export function studyVectors() {
  return {
    files: { spec: { text: files.spec, hash: spec }, result: { text: files.result, hash: result }, card: { text: files.card, hash: card } },
    models,
    genesis: decodeUtf8(genesisFile()),
    blocks: blocksOf([...approval, ...firstRun, ...secondRun]),
  }
}
