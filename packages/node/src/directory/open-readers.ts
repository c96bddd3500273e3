import {
  createCsvReader,
  createFhirReader,
  createNppesReader,
  createReferenceCollector,
  type FileReader,
  parseMapping,
  type ReferenceCollector,
  type SubjectKey,
} from '@fiducia/directory'
import type { Known } from './known.ts'
import type { LoadTerms } from './loads.ts'
import { naming } from './read-files.ts'
import { type SourceFile, unpackedBytes } from './source-file.ts'

/** What the readers of a load may know. */
export interface ReadContext {
  readonly terms: LoadTerms
  readonly files: readonly SourceFile[]
  readonly known: Known
  readonly keepReferences: (entries: Iterable<readonly [reference: string, subject: SubjectKey | undefined]>) => void
}

/** A reader for each file of the load, by its format. Resources refer to each other across files, so these are read twice. */
export async function openReaders(context: ReadContext): Promise<() => FileReader> {
  const { origin, format, mapping, observedAt } = context.terms
  switch (format) {
    case 'nppes':
      return () => createNppesReader(context.known)
    case 'csv': {
      const columns = parseMapping(mapping)
      return () => createCsvReader(columns, { origin })
    }
    case 'fhir': {
      const references = await collectReferences(context)
      return () => createFhirReader({ origin, references, ...(observedAt !== null && { observedAt }) })
    }
  }
}

async function collectReferences({ terms, files, known, keepReferences }: ReadContext): Promise<ReferenceCollector> {
  const collector = createReferenceCollector({ origin: terms.origin, known: known.references })
  for (const file of files) {
    for await (const chunk of unpackedBytes(file, () => {})) naming(file, () => collector.push(chunk))
    naming(file, () => collector.end())
  }
  keepReferences(collector.entries())
  return collector
}
