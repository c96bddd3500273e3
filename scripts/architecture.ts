/**
 * The shape of the house (ARCHITECTURE.md): imports point inwards only, pure packages have no effects, and each outside
 * thing is known in one place. `findViolations` reads sources as text, so that it works whatever tool checks the types;
 * lint enforces the same rules while one writes.
 */

export const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  consent: ['core'],
  ledger: ['core'],
  proofs: ['core', 'consent', 'ledger'],
  fhir: ['core', 'consent'],
  directory: ['core'],
  research: ['core'],
  engine: ['core', 'ledger', 'proofs'],
  node: ['core', 'consent', 'ledger', 'proofs', 'fhir', 'directory', 'research', 'engine'],
  client: ['core', 'consent', 'ledger', 'proofs', 'fhir'],
  web: ['core', 'consent', 'ledger', 'proofs', 'fhir', 'client'],
  testkit: ['core', 'consent', 'ledger', 'proofs', 'fhir', 'directory', 'research', 'engine', 'node', 'client'],
  cli: ['core', 'consent', 'ledger', 'proofs', 'fhir', 'directory', 'research', 'engine', 'node', 'client', 'testkit'],
}

export const PURE_PACKAGES = ['core', 'consent', 'ledger', 'proofs', 'fhir', 'directory', 'research', 'client'] as const

/** Modules that may be imported below these folders only. */
const CONFINED: readonly { readonly module: RegExp; readonly folders: readonly string[] }[] = [
  { module: /^node:sqlite$/, folders: ['packages/node/src/store/', 'packages/engine/src/embedded/', 'packages/testkit/src/simulation/'] },
  { module: /^fastify|^@fastify\//, folders: ['packages/node/src/http/', 'packages/node/src/silo/'] },
  { module: /^node:crypto$/, folders: ['packages/core/src/crypto/', 'packages/engine/src/', 'packages/node/src/', 'packages/testkit/src/'] },
]

const EFFECTS: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'reads the clock'],
  [/\bMath\.random\(/, 'draws random numbers'],
  [/\bprocess\./, 'reads the process'],
  [/\bset(?:Timeout|Interval|Immediate)\(/, 'starts a timer'],
  [/\bglobalThis\.fetch\b/, 'uses the network'],
]

/** What the verifier page must not even mention. */
const OFFLINE: typeof EFFECTS = [
  [/\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b|\bsendBeacon\b|\bimport\(/, 'uses the network'],
  [/\blocalStorage\b|\bsessionStorage\b|\bindexedDB\b|\bcaches\b|\.cookie\b|\bserviceWorker\b/, 'stores something'],
  [/\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b|\beval\(/, 'makes markup or code out of text'],
]

/** Parts of a package that it declares as entries of their own: what imports them starts without the rest. */
const ENTRIES: ReadonlySet<string> = new Set(['@fiducia/node/research'])

export interface Violation {
  readonly file: string
  readonly rule: string
}

const packageOf = (file: string): string | undefined => /^packages\/([\w-]+)\/src\//.exec(file)?.[1]
const isTest = (file: string): boolean => /\.test\.ts$/.test(file)

/** Source files by path from the root, `/` between names. */
export function findViolations(sources: ReadonlyMap<string, string>): readonly Violation[] {
  return [...sources].flatMap(([file, text]) => {
    const name = packageOf(file)
    return name === undefined || isTest(file) ? [] : [...importViolations(file, name, text), ...effectViolations(file, name, text)]
  })
}

function importViolations(file: string, name: string, text: string): readonly Violation[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '')
  return specifiers.flatMap((specifier) => {
    const other = /^@fiducia\/([\w-]+)(.*)$/.exec(specifier)
    const violations: Violation[] = []
    if (other !== null && other[1] !== name && !(ALLOWED_IMPORTS[name] ?? []).includes(other[1] ?? ''))
      violations.push({ file, rule: `${name} may not import ${other[1]}` })
    if (other !== null && other[2] !== '' && !ENTRIES.has(specifier)) violations.push({ file, rule: 'packages are imported by their name only' })
    if (specifier.startsWith('.') && leavesPackage(file, specifier)) violations.push({ file, rule: 'relative imports stay inside a package' })
    if (name === 'web' && specifier.startsWith('node:')) violations.push({ file, rule: `web runs in a browser and may not import ${specifier}` })
    if (isPure(name) && specifier.startsWith('node:') && !(name === 'core' && specifier === 'node:crypto'))
      violations.push({ file, rule: `${name} is pure and may not import ${specifier}` })
    const confined = CONFINED.find(({ module }) => module.test(specifier))
    if (confined !== undefined && !confined.folders.some((folder) => file.startsWith(folder)))
      violations.push({ file, rule: `${specifier} is known in ${confined.folders.join(' and ')} only` })
    return violations
  })
}

const isPure = (name: string): boolean => PURE_PACKAGES.some((pure) => pure === name)

function leavesPackage(file: string, specifier: string): boolean {
  const depth = file.split('/').length - 3
  return (specifier.match(/\.\.\//g) ?? []).length > depth
}

function effectViolations(file: string, name: string, text: string): readonly Violation[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
  const found = (effects: typeof EFFECTS, rule: string) =>
    effects.filter(([pattern]) => pattern.test(code)).map(([, what]) => ({ file, rule: `${rule} ${what}` }))
  if (file.startsWith('packages/web/src/verifier/')) return found(OFFLINE, 'the verifier is offline, keeps nothing, and')
  return isPure(name) ? found(EFFECTS, `${name} is pure and`) : []
}
