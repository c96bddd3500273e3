import { defineConfig } from 'vitest/config'

/** Test kinds by file name: `x.test.ts` always, `x.smoke.test.ts` heavy kinds once, `x.full.test.ts` long, `x.external.test.ts` on outside data. */
const project = (name: string, include: string[], exclude: string[], testTimeout: number) => ({
  test: { name, include, exclude: ['**/node_modules/**', ...exclude], testTimeout, hookTimeout: testTimeout, pool: 'threads' as const },
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
