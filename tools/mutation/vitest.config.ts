import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
/** The tests of the mutated packages alone: what those do not notice, nobody promised. */
const tested = (process.env['FIDUCIA_MUTATED'] ?? 'consent').split(',')

/** Most mutants fall to a small test beside the file, in a tenth of the time that a comparison with an oracle takes. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): number => Number(/\/test\/|(?:profiles|oracle)\.test/.test(moduleId))
    return files.toSorted((a, b) => isLong(a) - isLong(b))
  }
}

export default defineConfig({
  root: at('.'),
  // The workspace links lead to the files as they are; those of the copy are the ones that are mutated.
  resolve: { alias: { '@fiducia/consent': at('packages/consent/src/index.ts'), '@fiducia/fhir': at('packages/fhir/src/index.ts') } },
  test: {
    include: tested.map((name) => `packages/${name}/**/*.test.ts`),
    // What people choose and read stands on the decision; its tests are long, and would notice by chance.
    exclude: ['**/node_modules/**', '**/*.{smoke,full,external}.test.ts', '**/{choices,sentences}/**', '**/{choices,choices-page,preview,explain}.test.ts'],
    setupFiles: [at('tools/mutation/fixed-seed.ts')],
    testTimeout: 60_000,
    pool: 'threads',
    fileParallelism: false,
    isolate: false,
    sequence: { sequencer: SmallFirst },
  },
})
