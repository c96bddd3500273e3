import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runStep } from './run.ts'

/** One run of vitest over some projects, counted. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numFailedTestSuites: number
}

export function runSuite(projects: readonly string[], env: Readonly<Record<string, string>> = {}): Counts {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fiducia-test-'))
  const report = path.join(folder, 'report.json')
  const ended = runStep({
    title: `tests: ${projects.join(', ')}`,
    command: ['vitest', 'run', ...projects.flatMap((name) => ['--project', name]), '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
    env,
  })
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = readReport(report)
  rmSync(folder, { recursive: true })
  // A file that cannot even be loaded has no failed test of its own.
  const failed = Math.max(numFailedTests, ended ? 0 : 1, numFailedTests === 0 && numFailedTestSuites > 0 ? 1 : 0)
  return { passed: numPassedTests, failed, skipped: numPendingTests }
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numFailedTestSuites: 1 }
  }
}

export const addCounts = (...counts: readonly Counts[]): Counts =>
  counts.reduce((sum, one) => ({ passed: sum.passed + one.passed, failed: sum.failed + one.failed, skipped: sum.skipped + one.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  })

/** The closing line. In CI nothing may be skipped. */
export function finish(counts: Counts, missing: readonly string[] = []): void {
  for (const line of missing) process.stdout.write(`skipped: ${line}\n`)
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  const skipsForbidden = process.env['CI'] === 'true' && counts.skipped > 0
  process.exitCode = counts.failed === 0 && counts.passed > 0 && !skipsForbidden ? 0 : 1
}
