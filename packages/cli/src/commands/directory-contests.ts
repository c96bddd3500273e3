import { parseBytes32, parseOrganizationId } from '@fiducia/core'
import { isNpi, npiOf, npiSubject, parseSubjectKey, type SubjectKey } from '@fiducia/directory'
import { type ContestOperator, httpTransport, isWitnessConfig, loadConfig, NodeFailure, openContestOperator, type ShownContest } from '@fiducia/node'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'

/** `fiducia directory contest | contests | rule`: what another member says of a provider is doubted, and three uninvolved members rule. */
export interface ContestsFlags {
  readonly config: string
}

export interface ContestFlags extends ContestsFlags {
  readonly against: string
  readonly field: string
  readonly npi?: string
  readonly subject?: string
}

export interface RuleFlags extends ContestsFlags {
  readonly ruling: string
}

export function contest(flags: ContestFlags): Promise<Answer> {
  const against = parseOrganizationId(flags.against, '--against')
  return atDesk(flags, async (operator) => {
    const opened = await firstFound(subjectsOf(flags), (subject) => operator.open({ subject, field: flags.field, against }))
    return { exitCode: 0, json: jsonOf(opened), text: `${rowsOf([opened])}\n\n${opened.panel.join(', ')} rule.` }
  })
}

export function listContests(flags: ContestsFlags): Promise<Answer> {
  return atDesk(flags, async (operator) => {
    const contests = await operator.list()
    const ours = contests.filter(({ isOurs }) => isOurs).map(({ id }) => `fiducia directory rule ${id} --ruling stands|falls|unclear --config ${flags.config}`)
    const text = contests.length === 0 ? 'no contest so far' : [rowsOf(contests), ...(ours.length === 0 ? [] : ['', 'Yours to rule:', ...ours])].join('\n')
    return { exitCode: 0, json: { contests: contests.map(jsonOf) }, text }
  })
}

export function rule(id: string, flags: RuleFlags): Promise<Answer> {
  const contest = parseBytes32(id, 'the contest')
  return atDesk(flags, async (operator) => {
    const ruled = await operator.rule(contest, rulingOf(flags.ruling))
    return { exitCode: 0, json: jsonOf(ruled), text: rowsOf([ruled]) }
  })
}

async function atDesk(flags: ContestsFlags, work: (operator: ContestOperator) => Promise<Answer>): Promise<Answer> {
  if (isWitnessConfig(flags.config))
    throw new UsageError('BAD_USE', 'expected the configuration of a member with a directory, found that of a witness', '--config')
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  using operator = await openContestOperator(loadConfig(flags.config), { transport: httpTransport, now: () => Date.now(), random })
  return await work(operator)
}

// ---- flags ----------------------------------------------------------------------------------------------------------------

function subjectsOf({ npi, subject }: ContestFlags): readonly [SubjectKey, ...SubjectKey[]] {
  if ((npi === undefined) === (subject === undefined)) throw new UsageError('BAD_USE', 'expected either --npi or --subject')
  if (subject !== undefined) return [parseSubjectKey(subject, '--subject')]
  if (npi === undefined || !isNpi(npi)) throw new UsageError('BAD_USE', `expected --npi with ten digits and their check digit, found \`${npi}\``, '--npi')
  return [npiSubject('practitioner', npi), npiSubject('organization', npi)]
}

/** An NPI does not say whether it is a person's or an organization's: the one of which something was said. */
async function firstFound<T>([subject, ...others]: readonly [SubjectKey, ...SubjectKey[]], work: (subject: SubjectKey) => Promise<T>): Promise<T> {
  try {
    return await work(subject)
  } catch (error) {
    const [next, ...more] = others
    if (next === undefined || !(error instanceof NodeFailure) || error.code !== 'NOT_FOUND') throw error
    return await firstFound([next, ...more], work).catch(() => {
      throw error
    })
  }
}

function rulingOf(text: string) {
  if (text === 'stands' || text === 'falls' || text === 'unclear') return text
  throw new UsageError('BAD_USE', `expected --ruling stands, falls or unclear, found \`${text}\``, '--ruling')
}

// ---- for people -----------------------------------------------------------------------------------------------------------

const WIDTH = 44

function rowsOf(contests: readonly ShownContest[]): string {
  const rows = contests.map(({ id, said, field, org, by, status, rulings, panel, due }) => [
    id,
    said === null ? 'not here' : (npiOf(said.subject) ?? said.subject),
    said === null
      ? field
      : Object.entries(said.fields)
          .map(([name, value]) => `${name}: ${value ?? 'withdrawn'}`)
          .join(', '),
    org,
    by,
    `${status} (${Object.keys(rulings).length} of ${panel.length})`,
    new Date(due).toISOString().slice(0, 10),
  ])
  return tableOf([['contest', 'about', 'what was said', 'by', 'doubted by', 'ruled', 'due'], ...rows], WIDTH).join('\n')
}

const jsonOf = ({ at, due, isOurs, ...contest }: ShownContest) => ({
  ...contest,
  at: new Date(at).toISOString(),
  due: new Date(due).toISOString(),
  ours: isOurs,
})
