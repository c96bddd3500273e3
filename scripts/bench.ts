import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run.ts'

/** `npm run bench -- NAME`: one benchmark, or the list of them. Each prints its figure beside what it is compared with. */
const folder = path.join(root, 'bench')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
const wanted = process.argv.slice(2)
if (wanted.length === 0 || wanted.some((name) => !names.includes(name))) {
  process.stdout.write(`npm run bench -- NAME, one of: ${names.join(', ')}\n`)
  process.exitCode = wanted.length === 0 ? 0 : 2
} else for (const name of wanted) await import(pathToFileURL(path.join(folder, `${name}.bench.ts`)).href)
