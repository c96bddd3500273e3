import { afterAll, expect, it } from 'vitest'
import { injectFault } from './against-faults.ts'
import { FAULTS_OF_CONSENTS } from './faults.ts'
import { FAULTS_OF_RECORDS, HUGE_FAULTS } from './faults-of-records.ts'

const SEED = Date.now() % 1_000_000_000
const FAULTS = [...FAULTS_OF_CONSENTS, ...FAULTS_OF_RECORDS]
const RUNS = Math.ceil(12_000 / FAULTS.length)
const HUGE_RUNS = 10
const rows: { readonly kind: string; readonly promise: string; readonly injected: number; readonly releasedLess: number; readonly widened: number }[] = []

const run = (fault: (typeof FAULTS)[number], runs: number): void => {
  const row = { kind: fault.kind, promise: fault.promise, injected: runs }
  try {
    rows.push({ ...row, releasedLess: injectFault(fault, runs, SEED), widened: 0 })
  } catch (cause) {
    rows.push({ ...row, releasedLess: 0, widened: 1 })
    throw cause
  }
}
/** A random place is seldom one that matters, so these are tried more often. */
const runsOf = ({ kind }: (typeof FAULTS)[number]): number => (/^(?:wrong JSON type|empty list or object)/.test(kind) ? 1500 : RUNS)

it.each(FAULTS.map((fault) => [fault.kind, fault] as const))('%s never widens', (_, fault) => run(fault, runsOf(fault)))
it.each(HUGE_FAULTS.map((fault) => [fault.kind, fault] as const))('%s never widen', (_, fault) => run(fault, HUGE_RUNS))

it('injects at least 12,000 faults, which release less often enough to have been felt', () => {
  expect(rows.reduce((sum, { injected }) => sum + injected, 0)).toBeGreaterThanOrEqual(12_000)
  expect(rows.filter(({ releasedLess }) => releasedLess > 0).length).toBeGreaterThan(rows.length / 2)
})

afterAll(() => {
  const width = Math.max(...rows.map(({ kind }) => kind.length))
  const lines = rows.map(
    ({ kind, promise, injected, releasedLess, widened }) =>
      `${kind.padEnd(width)}  ${promise.padEnd(8)}  ${String(injected).padStart(5)}  ${String(releasedLess).padStart(5)}  ${widened}`,
  )
  process.stdout.write(`seed ${SEED}\n${'kind'.padEnd(width)}  promise   count   less  wider\n${lines.join('\n')}\n`)
})
