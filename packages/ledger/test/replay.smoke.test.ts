import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { GOLDEN_BLOCKS, GOLDEN_ROOT, GOLDEN_SEED } from './golden.ts'

/** A fresh process, without the test runner's transformations, reaches the recorded state root. */
it('gives the same hash for the same history in a fresh process', () => {
  const program = `
    import { rootAfter } from ${JSON.stringify(path.join(import.meta.dirname, 'histories.ts'))}
    process.stdout.write(rootAfter(${GOLDEN_SEED}, ${GOLDEN_BLOCKS}))
  `
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
  expect(printed).toBe(GOLDEN_ROOT)
})
