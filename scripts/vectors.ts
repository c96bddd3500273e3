import { writeFileSync } from 'node:fs'
import { formatVector, VECTORS, vectorFile } from './spec-vectors.ts'

/** Writes docs/spec/vectors. */
for (const [name, make] of Object.entries(VECTORS)) {
  writeFileSync(vectorFile(name), formatVector(make()))
  process.stdout.write(`wrote docs/spec/vectors/${name}\n`)
}
