import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import type { SignatureCase, verdicts } from './verdicts.ts'

/** The same code on every platform at hand: each Node on the PATH and the one that runs now, and the browser build in Chromium. */
export type Verdicts = ReturnType<typeof verdicts>

async function bundle(platform: 'browser' | 'node'): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: platform === 'browser' ? ['browser'] : ['node'] },
    build: {
      write: false,
      minify: false,
      ssr: platform === 'node',
      lib: { entry: path.join(import.meta.dirname, 'verdicts.ts'), formats: ['es'], fileName: 'verdicts' },
      rollupOptions: { external: [/^node:/] },
    },
    ssr: { noExternal: true },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []))
  const chunk = outputs.find((one) => one.type === 'chunk')
  if (chunk === undefined) throw new Error('expected one chunk')
  return chunk.code
}

/** Every Node on this machine, by version, the running one included. */
export function nodesAtHand(): ReadonlyMap<string, string> {
  const found = spawnSync('sh', ['-c', 'which -a node'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '')
  const unique = [...new Set([process.execPath, ...found].map((file) => realpathSync(file)))]
  return new Map(unique.map((file) => [execFileSync(file, ['--version'], { encoding: 'utf8' }).trim(), file]))
}

export async function verdictsOfNodes(cases: readonly SignatureCase[]): Promise<ReadonlyMap<string, Verdicts>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fiducia-verdicts-'))
  try {
    writeFileSync(path.join(folder, 'verdicts.mjs'), await bundle('node'))
    writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(cases))
    writeFileSync(
      path.join(folder, 'run.mjs'),
      "import { readFileSync } from 'node:fs'\nimport { verdicts } from './verdicts.mjs'\nconsole.log(JSON.stringify(verdicts(JSON.parse(readFileSync(new URL('cases.json', import.meta.url))))))\n",
    )
    return new Map(
      [...nodesAtHand()].map(([version, file]) => [version, JSON.parse(execFileSync(file, [path.join(folder, 'run.mjs')], { encoding: 'utf8' })) as Verdicts]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `executable`: a Chromium. */
export async function verdictsOfBrowser(cases: readonly SignatureCase[], executable: string): Promise<Verdicts> {
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    const source = `data:text/javascript;base64,${Buffer.from(await bundle('browser')).toString('base64')}`
    // As text: the test runner would rewrite an import inside a function.
    return (await page.evaluate(`import(${JSON.stringify(source)}).then(({ verdicts }) => verdicts(${JSON.stringify(cases)}))`)) as Verdicts
  } finally {
    await browser.close()
  }
}
