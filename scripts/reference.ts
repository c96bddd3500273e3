import { writeFileSync } from 'node:fs'
import { PAGES, pageFile } from './reference-pages.ts'

/** Writes the generated pages below docs. */
for (const [name, make] of Object.entries(PAGES)) {
  writeFileSync(pageFile(name), make())
  process.stdout.write(`wrote docs/${name}\n`)
}
