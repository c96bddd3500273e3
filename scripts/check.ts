import { runStep } from './run.ts'

/** `npm run check`: types, lint with the import rules, format, unused code. Ends with one line of counts. */
const steps = [
  { title: 'types', command: ['tsc', '-p', '.'] },
  { title: 'types in the browser', command: ['tsc', '-p', 'packages/web'] },
  { title: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { title: 'format', command: ['biome', 'check', '.'] },
  { title: 'unused', command: ['knip', '--no-progress'] },
] as const

export function check(): { readonly passed: number; readonly failed: number } {
  const results = steps.map((step) => runStep(step))
  return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length }
}

if (import.meta.main) {
  const { passed, failed } = check()
  process.stdout.write(`\n${passed} passed, ${failed} failed, 0 skipped\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
