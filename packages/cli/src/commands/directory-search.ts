import { resolveSubject, type SubjectKey } from '@fiducia/directory'
import { openExistingDirectory, searchSubjects } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'
import { publishedOf, resolvedAt, type ResolvedSubject } from './directory-resolve.ts'

/** `fiducia directory search`: who can be found under a name in a state, with what is published of them. */
export interface SearchFlags {
  readonly data: string
  readonly name: string
  readonly state: string
}

/** One page: whoever gets more has to say more of the name. */
const MAX_FOUND = 100

/** One letter names half of a directory. */
const MIN_CHARACTERS = 2
