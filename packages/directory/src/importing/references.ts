import { DirectoryError } from '../errors.ts'
import type { SubjectKey } from '../facts/types.ts'
import { MAX_REFERENCES } from '../limits.ts'
import { createResourceSplitter, type FoundResource } from '../reading/resource-splitter.ts'
import { textOf } from './fhir-element.ts'
import { elementOf, sourceIdOf, subjectOf } from './fhir-subjects.ts'
import { createLocator } from './locations.ts'
import type { ReferenceIndex } from './types.ts'

/** The first pass over the files of a load: bytes in, references out. */
export interface ReferenceCollector extends ReferenceIndex {
  /** Throws `FHIR_REFERENCES` when a load has more resources than can be kept. */
  push(chunk: Uint8Array): void
  /** The end of one file; the next one may follow. */
  end(): void
  /** What this load added, for those after it: `undefined` for a resource that is no subject. */
  entries(): IterableIterator<readonly [reference: string, subject: SubjectKey | undefined]>
}

export interface CollectorOptions {
  readonly origin: string
  /** What earlier loads of the same origin left. */
  readonly known?: ReferenceIndex
}

/** Throws as the reader does for a file that is none of resources; what else is wrong with one, the second pass finds. */
export function createReferenceCollector({ origin, known }: CollectorOptions): ReferenceCollector {
  const subjects = new Map<string, SubjectKey | undefined>()
  const naming = { origin, locate: createLocator() }
  let splitter = createResourceSplitter()

  const collect = (found: FoundResource) => {
    if (found.members === undefined) return
    const resource = elementOf('', found.members, [])
    const type = textOf(resource, 'resourceType')
    const sourceId = sourceIdOf(resource, found)
    if (type === undefined || sourceId === undefined) return
    if (subjects.size >= MAX_REFERENCES) throw new DirectoryError('FHIR_REFERENCES', `expected at most ${MAX_REFERENCES} resources in one load`)
    const subject = subjectOf(type, sourceId, resource, naming)
    subjects.set(`${type}/${sourceId}`, subject)
    if (found.fullUrl !== undefined) subjects.set(found.fullUrl, subject)
  }

  return {
    push(chunk) {
      splitter.push(chunk).forEach(collect)
    },
    end() {
      splitter.end().forEach(collect)
      splitter = createResourceSplitter()
    },
    get: (reference) => subjects.get(reference) ?? known?.get(reference),
    has: (reference) => subjects.has(reference) || known?.has(reference) === true,
    entries: () => subjects.entries(),
  }
}
