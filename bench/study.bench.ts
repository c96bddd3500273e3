import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseNetworkId, parseOrganizationId } from '@fiducia/core'
import { openSiteProcess, runStudy } from '@fiducia/node'
import { createGlm, formatSpec, parseSpec, runInTheClear } from '@fiducia/research'
import { benchFolder, median, printTable, randomFrom, timed, times } from './measure.ts'

/**
 * A logistic study over four sites as `fiducia study simulate` runs it: processes started, the ledger with its votes, rounds, survivors and cosignatures, masked
 * sums, the bundle. Compared with starting the processes alone, and with the same model by the same code over the same rows without any of it.
 */
const SITES = ['east', 'north', 'south', 'west']
const ROWS = 200
const COLUMNS = 13
const RUNS = 5

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
  rounds = run.rounds
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

const masked: number[] = []
const plain: number[] = []
const started: number[] = []
for (let i = 0; i < RUNS; i += 1) {
  masked.push(await timed(study))
  plain.push(await timed(clear))
  started.push(await timed(startProcesses))
}

printTable(
  `study: logistic, ${SITES.length} sites of ${ROWS} rows, ${COLUMNS} columns, ${rounds} rounds`,
  [
    { what: 'the processes started, nothing else', measured: `${(median(started) / 1000).toFixed(2)} s` },
    {
      what: 'processes, ledger, masked rounds and bundle',
      measured: `${(median(masked) / 1000).toFixed(2)} s`,
      goal: '<= 2 s',
      comparedWith: `the processes alone: ${times(median(masked), median(started))}; the same model in the clear, ${median(plain).toFixed(1)} ms`,
    },
  ],
  ['Peers (Flower, FLARE) are not installed here; their figures are in the project’s goals.'],
)
