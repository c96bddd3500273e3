import { openExistingDirectory, searchSubjects } from '@fiducia/node'
import { viewAtTime } from '../directory-view.ts'
import { MAX_FOUND } from '../limits.ts'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'
import { publishedOf, resolvedIn, type ResolvedSubject } from './directory-resolve.ts'

/** `fiducia directory search`: who can be found under a name in a state, with what is published of them. */
export interface SearchFlags {
  readonly data: string
  readonly name: string
  readonly state: string
}

/** One letter names half of a directory. */
const MIN_CHARACTERS = 2

export function search({ data, name, state }: SearchFlags): Promise<Answer> {
  if (name.trim().length < MIN_CHARACTERS)
    throw new UsageError('BAD_USE', `expected --name with at least ${MIN_CHARACTERS} characters, found \`${name}\``, '--name')
  using database = openExistingDirectory(data)
  const keys = searchSubjects(database, name, state, MAX_FOUND + 1)
  const view = viewAtTime(database, data, Date.now())
  const found = keys.slice(0, MAX_FOUND).flatMap((subject) => {
    const resolved = resolvedIn(view, subject)
    return resolved === undefined ? [] : [publishedOf(resolved)]
  })
  const more = keys.length > MAX_FOUND
  return Promise.resolve({ exitCode: 0, json: { found, more }, text: render(found, more) })
}

const WIDTH = 40

function render(found: readonly ResolvedSubject[], more: boolean): string {
  if (found.length === 0) return 'nobody was found'
  const rows = found.map(({ kind, npi, subject, fields }) => {
    const value = (field: string) => fields[field]?.value
    const name = value('name') ?? [value('name.family'), value('name.given')].filter((part) => part !== undefined).join(', ')
    const state = value('status') ?? value('npi.status') ?? ''
    return [name, kind, npi ?? subject, state]
  })
  return [
    ...tableOf([['name', 'kind', 'NPI', 'status'], ...rows], WIDTH),
    ...(more ? [`… and more than these ${found.length}: say more of the name`] : []),
  ].join('\n')
}
