import type { TextTable } from '../src/table/types.ts'
import { randomOf } from './random.ts'

/** A study, the rows of its sites, and what R is asked for the same: an expression over `d`, all rows with `.site`. */
export interface Case {
  readonly name: string
  readonly spec: { readonly columns: Readonly<Record<string, 'number' | 'factor'>>; readonly [member: string]: unknown }
  readonly files: readonly TextTable[]
  readonly question: string
}

const NUMBERS = ['x', 'z', 'two words', 'größe', 'year', 'twice', 'near', 'same', 'k', 'y', 'yes', 'count', 'many', 'time', 'event', 'lost'] as const
const FACTORS = ['f', 'g', 'code', 'flag', 'nested'] as const
const HEADER = [...NUMBERS, ...FACTORS]
type Row = Readonly<Record<(typeof HEADER)[number], string | number>>

const COLUMNS: Case['spec']['columns'] = Object.fromEntries([
  ...NUMBERS.map((name) => [name, 'number'] as const),
  ...FACTORS.map((name) => [name, 'factor'] as const),
])

/**
 * Rows with what files have: odd names and levels, missing values in three spellings, columns made of others, a product far from 0. Columns
 * that are more alike than `near` are left to unit tests: R's own answer then changes with the order of rows.
 */
export function casesOf(seed: number): readonly Case[] {
  const random = randomOf(seed)
  const rows = Array.from({ length: 240 }, () => rowOf(random))
  const files = splitRows(rows, random)
  return [...glms(), ...coxModels(), ...statistics()].map((one) => ({ ...one, spec: { columns: COLUMNS, ...one.spec }, files }))
}

type Question = Omit<Case, 'spec' | 'files'> & { readonly spec: Readonly<Record<string, unknown>> }

const RIGHT_SIDES = `1 | x + z | x*f | f*g | f:g | f + f:g | f*g - f | x:f - 1 | f - 1 | x + f + g - 1 | f*nested | (x + f + g)^2 | (x + z + f:g)^2
  | factor(k)*g | \`two words\` + größe:f | code | flag*x | x + twice | same + x | year*x | x + near | lost + x`
const COX_SIDES = 'x + z | x*f | f:g | f - 1 | x + strata(g) | x + strata(g) + strata(flag) | (x + f + g)^2 | x + twice | lost + x | code'
const sidesOf = (text: string): readonly string[] => text.split('|').map((side) => side.trim())

const glms = (): readonly Question[] => [
  ...(['gaussian y', 'binomial yes', 'poisson count'] as const).flatMap((both) => {
    const [family = '', outcome = ''] = both.split(' ')
    return sidesOf(RIGHT_SIDES).map((right) => glm(family, `${outcome} ~ ${right}`))
  }),
  // Without an intercept the first steps from R's start may go too far.
  ...['x - 1', 'x + z - 1', 'größe + x - 1'].flatMap((right) => ['count', 'many'].map((outcome) => glm('poisson', `${outcome} ~ ${right}`))),
  glm('binomial', 'flag ~ x + f'),
  glm('binomial', 'g ~ x*z'),
  glm('binomial', 'factor(flag) ~ x'),
  ...[0.1, 10].flatMap((ridge) => [
    ridgeGlm('gaussian', 'y ~ x + near + f', ridge),
    ridgeGlm('binomial', 'yes ~ x*f', ridge),
    ridgeGlm('poisson', 'count ~ x + g', ridge),
  ]),
]

const glm = (family: string, formula: string): Question => ({
  name: `${family} ${formula}`,
  spec: { method: { name: 'glm', family, formula } },
  question: `glm(${formula}, family = ${family}, data = d)`,
})

const ridgeGlm = (family: string, formula: string, ridge: number): Question => ({
  name: `${family} ${formula}, ridge ${ridge}`,
  spec: { method: { name: 'glm', family, formula, ridge } },
  question: `ridge.glm(${formula}, ${family}(), d, ${ridge})`,
})

const coxModels = (): readonly Question[] =>
  ['efron', 'breslow'].flatMap((ties) => [
    ...sidesOf(COX_SIDES).map((right) => cox(ties, right)),
    ...[0.5, 20].map((ridge) => ({
      name: `cox ${ties} x + z, ridge ${ridge}`,
      spec: { method: { name: 'cox', formula: 'Surv(time, event) ~ x + z', ties, ridge } },
      question: `coxph(Surv(time, event) ~ ridge(x, z, theta = ${ridge}, scale = FALSE) + strata(.site), data = d, ties = "${ties}")`,
    })),
  ])

const cox = (ties: string, right: string): Question => ({
  name: `cox ${ties} ${right}`,
  spec: { method: { name: 'cox', formula: `Surv(time, event) ~ ${right}`, ties } },
  question: `coxph(Surv(time, event) ~ ${right} + strata(.site), data = d, ties = "${ties}")`,
})

const GRID = Array.from({ length: 60 }, (_, day) => day)

const statistics = (): readonly Question[] => [
  ...['1', 'f', 'flag'].map((right) => ({
    name: `kaplan-meier ${right}`,
    spec: { method: { name: 'kaplan-meier', formula: `Surv(time, event) ~ ${right}`, grid: GRID } },
    question: `structure(list(grid = 0:59, curve = survfit(Surv(time, event) ~ ${right}, data = d),
      test = ${right === '1' ? 'NULL' : `survdiff(Surv(time, event) ~ ${right}, data = d)`}), class = 'curves')`,
  })),
  {
    name: 'describe',
    spec: { method: { name: 'describe', columns: ['x', 'lost'] } },
    question: `e <- na.omit(d[c('x', 'lost')]); as.list(c('mean x' = mean(e$x), 'sd x' = sd(e$x), 'mean lost' = mean(e$lost), 'variance lost' = var(e$lost)))`,
  },
  {
    name: 'histogram',
    spec: { method: { name: 'histogram', column: 'k', grid: [-1, 0, 2, 10, 11] } },
    question: `n <- hist(d$k, breaks = c(-1, 0, 2, 10, 11), plot = FALSE)$counts; setNames(as.list(n), paste('bin', 1:4))`,
  },
  {
    name: 'table',
    spec: { method: { name: 'table', columns: ['f', 'code'] } },
    question: `n <- table(d$f, d$code); setNames(as.list(c(n)), paste(rep(rownames(n), ncol(n)), rep(colnames(n), each = nrow(n))))`,
  },
]

// ---- rows -----------------------------------------------------------------------------------------------------------------

function rowOf(random: () => number): Row {
  const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0]
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const x = round(normal(), 4)
  const z = round(50 + 20 * normal(), 1)
  const f = pick(['b', 'A', 'é,"q"'])
  const eta = 0.4 * x + (f === 'A' ? 0.5 : 0)
  const made = { year: round(2000 + 10 * random(), 2), twice: round(2 * x - 1, 4), near: x + 1e-4 * round(normal(), 4), same: 7 }
  const plain = { x, z, 'two words': round(normal(), 3), größe: round(10 * random(), 2), k: pick([-1, 2, 10]), lost: pick(['', 'NA', '?', 1, 2, 3, 4.5, 6]) }
  const factors = {
    f,
    g: pick(['no', 'yes']),
    code: pick(['9', '10', '10.0', '-1', '1e3']),
    flag: pick(['TRUE', 'FALSE']),
    nested: f === 'A' ? 'p' : pick(['p', 'q']),
  }
  return {
    ...plain,
    ...made,
    ...factors,
    y: round(eta + normal(), 5),
    yes: Number(random() < 1 / (1 + Math.exp(-eta))),
    count: Math.floor(-2 * Math.exp(eta) * Math.log(1 - random())),
    many: Math.floor(-33 * Math.exp(eta) * Math.log(1 - random())),
    time: Math.floor(-15 * Math.log(1 - random()) * Math.exp(-eta)) % 60,
    event: Number(random() < 0.7),
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** To three sites, of which the last has few rows. */
function splitRows(rows: readonly Row[], random: () => number): readonly TextTable[] {
  const places = rows.map((row) => ({ cells: HEADER.map((name) => String(row[name])), site: Math.floor(3 * random() ** 1.3) }))
  return [0, 1, 2].map((site) => ({ header: HEADER, rows: places.filter((one) => one.site === site).map(({ cells }) => cells) }))
}
