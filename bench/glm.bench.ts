import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createGlm, type GlmData } from '@fiducia/research'
import { hasCommand } from '../scripts/run.ts'
import { benchFolder, type Figure, median, milliseconds, perSecond, printTable, randomFrom, timed, times } from './measure.ts'
import { openPeer, type Peer } from './peer.ts'

/**
 * A logistic model of a large table at one site: what a round of its fit takes the site and whoever solves, and the whole fit. Compared
 * with R's `glm.fit` of the same rows, which must give the same coefficients, and with the products that a round adds up, written plainly.
 */
const ROWS = 100_000
const COLUMNS = 50
const RUNS = 7
const GOAL = 0.35

/** What `peers/glm-fit.R` answers. */
interface RFit {
  readonly ms: number
  readonly iterations: number
  readonly coefficients: readonly number[]
  readonly version: string
}

function generateRows(): GlmData {
  const draw = randomFrom(7)
  const [x, y] = [new Float64Array(ROWS * COLUMNS), new Float64Array(ROWS)]
  for (let row = 0; row < ROWS; row += 1) {
    let eta = 0
    for (let j = 0; j < COLUMNS; j += 1) {
      const value = j === 0 ? 1 : draw() * 2 - 1
      x[row * COLUMNS + j] = value
      eta += value * (j % 2 === 0 ? -0.2 : 0.3)
    }
    y[row] = Number(draw() < 1 / (1 + Math.exp(-eta)))
  }
  return { x, y, columns: COLUMNS }
}

const data = generateRows()
const names = Array.from({ length: COLUMNS }, (_, j) => (j === 0 ? '(Intercept)' : `x${j}`))
const fit = createGlm({ family: 'binomial', names })

interface OurFit {
  /** Of each round in which coefficients are looked for. */
  readonly siteMs: readonly number[]
  readonly solverMs: readonly number[]
  readonly ms: number
  readonly coefficients: readonly (number | null)[]
}

function runFit(): OurFit {
  const [siteMs, solverMs]: [number[], number[]] = [[], []]
  const start = performance.now()
  for (let values = fit.start; ; ) {
    const isIteration = fit.lengthOf(values) > fit.lengthOf(fit.start)
    const begun = performance.now()
    const sum = fit.contribute(data, values)
    const summed = performance.now()
    const step = fit.next(values, sum)
    if (isIteration) {
      siteMs.push(summed - begun)
      solverMs.push(performance.now() - summed)
    }
    if (step.done) return { siteMs, solverMs, ms: performance.now() - start, coefficients: step.result.coefficients.map(({ estimate }) => estimate) }
    values = step.values
  }
}

/** The upper triangle of XᵀX, row by row. */
function addProducts(): Float64Array {
  const sum = new Float64Array(COLUMNS * COLUMNS)
  for (let row = 0; row < data.x.length; row += COLUMNS) {
    for (let i = 0; i < COLUMNS; i += 1) {
      const value = data.x[row + i] ?? 0
      for (let j = i; j < COLUMNS; j += 1) sum[i * COLUMNS + j] = (sum[i * COLUMNS + j] ?? 0) + value * (data.x[row + j] ?? 0)
    }
  }
  return sum
}

async function openR(folder: string): Promise<Peer<RFit> | undefined> {
  if (!hasCommand('Rscript')) return undefined
  const file = path.join(folder, 'rows')
  writeFileSync(file, new Uint8Array(data.x.buffer))
  writeFileSync(file, new Uint8Array(data.y.buffer), { flag: 'a' })
  return openPeer('Rscript', 'glm-fit.R', file, String(ROWS), String(COLUMNS))
}

/** R stops a little earlier: when the deviance changes by less than 1e-8. */
function requireEqual(ours: OurFit, theirs: RFit): void {
  const isEqual = theirs.coefficients.every((value, j) => Math.abs(value - (ours.coefficients[j] ?? Number.NaN)) < 1e-6)
  if (!isEqual || theirs.coefficients.length !== COLUMNS) throw new Error('R finds other coefficients')
}

using folder = benchFolder()
using r = await openR(folder.dir)
const [ours, theirs, plain]: [OurFit[], RFit[], number[]] = [[], [], []]
if (r !== undefined) requireEqual(runFit(), await r.ask())
for (let run = 0; run < RUNS; run += 1) {
  ours.push(runFit())
  plain.push(await timed(addProducts))
  if (r !== undefined) theirs.push(await r.ask())
}

const site = median(ours.flatMap(({ siteMs }) => siteMs))
const solver = median(ours.flatMap(({ solverMs }) => solverMs))
const whole = median(ours.map(({ ms }) => ms))
const products = median(plain)
const figures: Figure[] = [
  { what: 'the products of an iteration alone, row by row', measured: milliseconds(products) },
  {
    what: 'an iteration, at the site',
    measured: milliseconds(site),
    comparedWith: `the products alone: ${times(site, products)}; rows: ${perSecond(ROWS, site)}`,
  },
  { what: 'an iteration, where it is solved', measured: milliseconds(solver) },
]
const besideR = (): readonly Figure[] => {
  const perIteration = median(theirs.map(({ ms, iterations }) => ms / iterations))
  const all = median(theirs.map(({ ms }) => ms))
  const [first] = theirs
  return [
    {
      what: 'an iteration, both',
      measured: milliseconds(site + solver),
      goal: `<= ${GOAL}× R`,
      comparedWith: `R ${first?.version ?? ''}, glm.fit, ${milliseconds(perIteration)}: ${times(site + solver, perIteration)}`,
    },
    {
      what: `the whole fit, ${ours[0]?.siteMs.length ?? 0} iterations and those for means and spreads`,
      measured: milliseconds(whole),
      comparedWith: `the same by R, ${first?.iterations ?? 0} iterations, ${milliseconds(all)}: ${times(whole, all)}`,
    },
  ]
}
const alone: readonly Figure[] = [{ what: 'the whole fit', measured: milliseconds(whole), goal: `an iteration <= ${GOAL}× R` }]
printTable(
  `glm: logistic, ${ROWS.toLocaleString('en-US')} rows of ${COLUMNS} columns at one site`,
  [...figures, ...(theirs.length > 0 ? besideR() : alone)],
  theirs.length > 0 ? [] : ['R is not installed here: `apt install r-base-core`, and it is measured beside.'],
)
