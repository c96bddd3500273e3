import { abandonLoad, approveLoad, listErasures, listLoads, type LoadRecord, openExistingDirectory, rejectLoad } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'
import { answerOf, loadPorts, personOf } from './directory-import.ts'
import { LoadProgressLine } from './directory-progress.ts'

/** `fiducia directory loads | approve | abandon`: what was loaded, and what people decide about loads that stand still. */
export interface LoadsFlags {
  readonly data: string
}

export interface ApproveFlags extends LoadsFlags {
  readonly as: string
  readonly reject?: boolean
}

export function loads({ data }: LoadsFlags): Promise<Answer> {
  using database = openExistingDirectory(data)
  const found = listLoads(database)
  const rows = found.map((load) => [
    String(load.id),
    load.state,
    load.terms.format,
    load.terms.origin,
    new Date(load.started).toISOString(),
    load.who,
    load.decidedBy ?? '',
    ...(['read', 'new', 'changed', 'withdrawn'] as const).map((count) => String(load.counts?.[count] ?? '')),
  ])
  const heading = ['load', 'state', 'format', 'origin', 'started', 'by', 'decided by', 'read', 'new', 'changed', 'withdrawn']
  const erasures = listErasures(database).map(({ at, who, statements }) => ({ at: new Date(at).toISOString(), by: who, statements }))
  const erased = erasures.map(({ at, by, statements }) => [at, by, String(statements)])
  const text = [...tableOf([heading, ...rows]), ...(erased.length === 0 ? [] : ['', ...tableOf([['erased', 'by', 'statements'], ...erased])])]
  return Promise.resolve({ exitCode: 0, json: { loads: found.map(shown), erasures }, text: text.join('\n') })
}

export async function approve(load: string, { data, as: who, reject }: ApproveFlags): Promise<Answer> {
  const decision = { dir: data, load: numberOf(load), who: personOf(who) }
  if (reject === true) return stateAnswer(await rejectLoad(decision, Date.now()))
  using progress = new LoadProgressLine()
  return answerOf(await approveLoad(decision, loadPorts(progress)), data)
}

export async function abandon(load: string, { data }: LoadsFlags): Promise<Answer> {
  return stateAnswer(await abandonLoad({ dir: data, load: numberOf(load) }, Date.now()))
}

const stateAnswer = (load: LoadRecord): Answer => ({ exitCode: 0, json: shown(load), text: `load ${load.id}: ${load.state}` })

const shown = ({ id, terms, counts, started, ended, ...load }: LoadRecord) => ({
  load: id,
  state: load.state,
  format: terms.format,
  origin: terms.origin,
  basis: terms.basis,
  full: terms.isFull,
  attester: load.attester,
  by: load.who,
  decidedBy: load.decidedBy ?? null,
  started: new Date(started).toISOString(),
  ended: ended === undefined ? null : new Date(ended).toISOString(),
  files: load.files,
  counts: counts ?? null,
})

function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError('BAD_USE', `expected the number of a load, found \`${text}\``)
}
