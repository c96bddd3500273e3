import { spawnSync } from 'node:child_process'
import { defineConfig } from 'vitest/config'

/** What random tests draw from (`scripts/same-draws.ts`): `FIDUCIA_SEED`, or the hash of the committed packages; without a repository, the clock. */
function seedOfSources(): number {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD:packages'], { cwd: import.meta.dirname, encoding: 'utf8' })
  const seed = Number(process.env['FIDUCIA_SEED'] ?? `0x${stdout.trim().slice(0, 8)}`)
  return Number.isSafeInteger(seed) && seed > 0 ? seed : Math.floor(Date.now() / 1000)
}
const seed = seedOfSources()

/** Test kinds by file name: `x.test.ts` always, `x.smoke.test.ts` heavy kinds once, `x.full.test.ts` long, `x.external.test.ts` on outside data. */
const project = (name: string, include: string[], exclude: string[], testTimeout: number) => ({
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', ...exclude],
    testTimeout,
    hookTimeout: testTimeout,
    pool: 'threads' as const,
    setupFiles: ['scripts/same-draws.ts'],
    provide: { seed },
  },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', ['{packages,scripts}/**/*.test.ts'], ['**/*.{smoke,full,external}.test.ts'], 60_000),
      project('smoke', ['{packages,e2e}/**/*.smoke.test.ts'], [], 180_000),
      project('full', ['{packages,e2e}/**/*.full.test.ts'], [], 600_000),
      project('external', ['{packages,e2e}/**/*.external.test.ts'], [], 600_000),
    ],
  },
})
