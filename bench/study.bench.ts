import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseNetworkId, parseOrganizationId } from '@fiducia/core'
import { openSiteProcess, runStudy } from '@fiducia/node/research'
import { createGlm, formatSpec, parseSpec, runInTheClear } from '@fiducia/research'
import { benchFolder, type Figure, median, printTable, randomFrom, timed, times } from './measure.ts'
import { openFlower, WITHOUT_FLOWER } from './peer.ts'

/**
 * A logistic study over four sites as `fiducia study simulate` runs it: processes started, the ledger with its votes, rounds, survivors and cosignatures, masked
 * sums, the bundle. Compared with starting the processes alone, with the same model by the same code over the same rows without any of it, and with
 * Flower's simulation of as many masked rounds over the same rows, which keeps no ledger.
 */
const SITES = ['east', 'north', 'south', 'west']
const ROWS = 200
const COLUMNS = 13
const RUNS = 5
/** A simulation takes Flower many seconds. */
const FLOWER_RUNS = 3

const draw = randomFrom(7)
const rowsOf = (): readonly (readonly number[])[] =>
  Array.from({ length: ROWS }, () => {
    const x = Array.from({ length: COLUMNS }, () => draw() * 2 - 1)
    const eta = x.reduce((sum, value, i) => sum + value * (i % 2 === 0 ? 0.6 : -0.3), 0)
    return [...x, Number(draw() < 1 / (1 + Math.exp(-eta)))]
  })

const features = Array.from({ length: COLUMNS }, (_, i) => `x${i + 1}`)
const spec = {
  title: 'Bench',
  purpose: 'DUO:0000006',
  columns: Object.fromEntries([...features, 'y'].map((name) => [name, 'number'])),
  method: { name: 'glm', family: 'binomial', formula: `y ~ ${features.join(' + ')}` },
}

using folder = benchFolder()
const tables = SITES.map((name) => ({ name, rows: rowsOf() }))
const fileOf = (name: string): string => path.join(folder.dir, `${name}.csv`)
for (const { name, rows } of tables) writeFileSync(fileOf(name), [[...features, 'y'].join(','), ...rows.map((row) => row.join(','))].join('\n'))
const specFile = path.join(folder.dir, 'study.json')
writeFileSync(specFile, JSON.stringify(spec))

let rounds = 0
async function study(): Promise<void> {
  using stack = new DisposableStack()
  const sites = SITES.map((name) => ({ ...stack.use(openSiteProcess(parseOrganizationId(name))), file: fileOf(name) }))
  const run = await runStudy({
    net: parseNetworkId('study'),
    spec: parseSpec(spec),
    specText: formatSpec(spec),
    sites,
    now: () => Date.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  })
  if (run.ended.state === 'aborted') throw run.ended.because
  rounds = run.ended.rounds
}

/** As somebody types it: the command's own process is started too, and the bundle written. */
function command(run: number): void {
  const fiducia = path.join(import.meta.dirname, '../packages/cli/bin/fiducia.cjs')
  const sites = SITES.flatMap((name) => ['--site', `${name}=${fileOf(name)}`])
  const out = ['--out', path.join(folder.dir, `study-${run}`)]
  const { status } = spawnSync(process.execPath, [fiducia, 'study', 'simulate', specFile, ...sites, ...out])
  if (status !== 0) throw new Error('`fiducia study simulate` failed')
}

/** Until each process has loaded what a site needs, and answers: that it knows no study yet. */
async function startProcesses(): Promise<void> {
  using stack = new DisposableStack()
  await Promise.all(SITES.map((name) => stack.use(openSiteProcess(parseOrganizationId(name))).ask({ type: 'figures' })))
}

const data = tables.map(({ rows }) => ({
  x: Float64Array.from(rows.flatMap((row) => [1, ...row.slice(0, COLUMNS)])),
  y: Float64Array.from(rows, (row) => row.at(-1) ?? 0),
  columns: COLUMNS + 1,
}))
const clear = () => void runInTheClear(createGlm({ family: 'binomial', names: ['(Intercept)', ...features] }), data, 50)

interface Flower {
  readonly ms: number
  readonly version: string
}

// Warm, as a node that runs studies is; and Flower is asked for as many rounds.
await study()
using peer = await openFlower<Flower>('study.py', String(rounds), ...SITES.map(fileOf))
const [masked, typed, plain, started, flower]: [number[], number[], number[], number[], Flower[]] = [[], [], [], [], []]
for (let i = 0; i < RUNS; i += 1) {
  masked.push(await timed(study))
  typed.push(await timed(() => command(i)))
  plain.push(await timed(clear))
  started.push(await timed(startProcesses))
  if (peer !== undefined && i < FLOWER_RUNS) flower.push(await peer.ask())
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
const besideFlower = (): Figure => {
  const took = median(flower.map(({ ms }) => ms))
  const what = `Flower ${flower[0]?.version ?? ''}, its simulation, SecAgg+, as many rounds of averaging`
  return { what, measured: seconds(took), comparedWith: `ours: ${times(median(masked), took)}` }
}
printTable(
  `study: logistic, ${SITES.length} sites of ${ROWS} rows, ${COLUMNS} columns, ${rounds} rounds`,
  [
    { what: 'the processes started, nothing else', measured: seconds(median(started)) },
    {
      what: 'processes, ledger, masked rounds and bundle',
      measured: seconds(median(masked)),
      goal: '<= 2 s',
      comparedWith: `the processes alone: ${times(median(masked), median(started))}; the same model in the clear, ${median(plain).toFixed(1)} ms`,
    },
    {
      what: '`fiducia study simulate`',
      measured: seconds(median(typed)),
      comparedWith: `the same without the command: ${times(median(typed), median(masked))}`,
    },
    ...(flower.length > 0 ? [besideFlower()] : []),
  ],
  peer === undefined ? [WITHOUT_FLOWER] : [],
)
