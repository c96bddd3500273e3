import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { installBeside } from './install-beside.ts'
import { root } from './run.ts'

/**
 * `npm run mutate -- packages/consent/src/compile.ts …`: changes these files in one place after another and runs the tests
 * of their package each time. A change that no test notices is a survivor, and is printed with its place; what the known
 * ones mean stands in docs/reference/mutation.md. Without files, everything that page speaks of.
 */
const folder = path.join(root, 'tools', 'mutation')
const report = path.join(root, 'reports', 'mutation.json')

/** What a decision is made of. */
const DECISION: readonly string[] = [
  'compile scope selector recipients actions purposes sensitivity dates decide policy links situations',
  'labels/walk labels/read-facts labels/provenance labels/rule-set labels/names labels/memory',
].flatMap((names) => names.split(' ').map((name) => `packages/consent/src/${name}.ts`))

/** What FHIR Consents, actors and cases become before it. */
const FHIR_CONSENT: readonly string[] = [
  'import-consent actors world patients read-consent decide-case residual-token export-consent encode-provision terminology case',
].flatMap((names) => names.split(' ').map((name) => `packages/fhir/src/consent/${name}.ts`))

interface Place {
  readonly line: number
  readonly column: number
}

interface Mutant {
  readonly mutatorName: string
  readonly replacement: string
  readonly status: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface MutatedFile {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

/** Mutants of a package are judged by the tests of that package, so each package is a run of its own. */
function mutate(name: string, files: readonly string[]): readonly (readonly [string, MutatedFile])[] | undefined {
  const settings = path.join(os.tmpdir(), `fiducia-mutation-${process.pid}`)
  mkdirSync(settings, { recursive: true })
  const configuration = {
    mutate: files,
    testRunner: 'vitest',
    plugins: [path.join(folder, 'node_modules', '@stryker-mutator', 'vitest-runner', 'dist', 'src', 'index.js')],
    vitest: { configFile: 'tools/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    tempDirName: path.join(settings, 'copy'),
    ignorePatterns: ['e2e', 'bench', 'reports', 'tools/mutation/node_modules'],
    // TypeScript 7 has no JavaScript interface for it to rewrite a tsconfig with.
    tsconfigFile: 'none.json',
    disableTypeChecks: false,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    allowConsoleColors: false,
  }
  const file = path.join(settings, 'stryker.json')
  writeFileSync(file, JSON.stringify(configuration))
  const stryker = path.join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const env = { ...process.env, FIDUCIA_MUTATED: name }
  const { status } = spawnSync(process.execPath, [stryker, 'run', file], { cwd: root, stdio: 'inherit', env })
  if (status !== 0) return undefined
  const { files: mutated } = JSON.parse(readFileSync(report, 'utf8')) as { readonly files: { readonly [file: string]: MutatedFile } }
  return Object.entries(mutated)
}

const isAlive = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage'
const isDead = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout'

/** `compile.ts:70:8 the condition => false` */
function describe(file: string, { source }: MutatedFile, { location, replacement }: Mutant): string {
  const { start, end } = location
  const line = source.split('\n')[start.line - 1] ?? ''
  const before = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
  return `${file}:${start.line}:${start.column} ${before} => ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`
}

function print(results: readonly (readonly [string, MutatedFile])[]): void {
  const lines: string[] = ['', 'survivors']
  for (const [name, file] of results) for (const mutant of file.mutants.filter(isAlive)) lines.push(`  ${describe(name, file, mutant)}`)
  lines.push('', '| file | mutants | killed | survived |', '| --- | ---: | ---: | ---: |')
  for (const [name, { mutants }] of results) {
    lines.push(`| ${name} | ${mutants.length} | ${mutants.filter(isDead).length} | ${mutants.filter(isAlive).length} |`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** `packages/NAME/…` → NAME */
const packageOf = (file: string): string => file.split('/')[1] ?? ''

function main(given: readonly string[]): number {
  const files = given.length === 0 ? [...DECISION, ...FHIR_CONSENT] : given.map((file) => path.relative(root, path.resolve(root, file)))
  const strange = files.find((file) => !/^packages\/[^/]+\/src\/.+\.ts$/.test(file) || !existsSync(path.join(root, file)))
  if (strange !== undefined) {
    process.stdout.write(`expected files such as packages/consent/src/compile.ts, found \`${strange}\`\n`)
    return 2
  }
  if (!installBeside('mutation', 'Stryker')) return 1
  const byPackage = Map.groupBy(files, packageOf)
  const results = [...byPackage].map(([name, its]) => mutate(name, its))
  const ran = results.filter((one) => one !== undefined)
  print(ran.flat())
  return ran.length === results.length ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
