import { isNpi, parseSubjectKey, subjectKind } from '@fiducia/directory'
import { type ErasedProvider, type ErasureResult, eraseProvider } from '@fiducia/node'
import { personOf } from './directory-import.ts'
import { type Answer, UsageError } from '../output.ts'
import { tableOf } from '../table.ts'

/** `fiducia directory erase`: a provider goes out of this directory, whoever said something of it. */
export interface EraseFlags {
  readonly data: string
  readonly npi?: string
  readonly subject?: string
  readonly as: string
  readonly dryRun?: boolean
}

/** Exit code 1 where nothing was said of the provider. */
export async function erase(flags: EraseFlags): Promise<Answer> {
  const isDryRun = flags.dryRun === true
  const result = await eraseProvider({ dir: flags.data, provider: providerOf(flags), who: personOf(flags.as), isDryRun }, () => Date.now())
  const isFound = result.statements > 0 || Object.keys(result.subjects).length > 0
  const json = { erased: isFound && !isDryRun, dryRun: isDryRun, ...result, notes: [...LATER] }
  return { exitCode: isFound ? 0 : 1, json, text: textOf(flags, result, isFound).join('\n') }
}

function providerOf({ npi, subject }: EraseFlags): ErasedProvider {
  if ((npi === undefined) === (subject === undefined))
    throw new UsageError('BAD_USE', `expected --npi or --subject, found ${npi === undefined ? 'neither' : 'both'}`)
  if (subject !== undefined) return { subject: subjectOf(subject) }
  if (npi === undefined || !isNpi(npi)) throw new UsageError('BAD_USE', `expected --npi with ten digits and their check digit, found \`${npi}\``, '--npi')
  return { npi }
}

/** A place is nobody, and roles of many providers name it. */
function subjectOf(text: string) {
  const key = parseSubjectKey(text, '--subject')
  if (subjectKind(key) === 'location')
    throw new UsageError('BAD_USE', 'expected a practitioner, an organization, a role, a participation or an endpoint, found a location', '--subject')
  return key
}

/** What no erasure here can do. */
const LATER = [
  'A later file, a batch fetched from another member, or a backup that has the provider brings it back: see to its source too.',
  'Other members hold copies of their own. They are not told by this: their operators erase there.',
] as const

function textOf({ npi, subject, data, dryRun }: EraseFlags, result: ErasureResult, isFound: boolean): readonly string[] {
  const name = npi ?? subject ?? ''
  if (!isFound) return [`nothing is said of ${name} in \`${data}\``, ...leftLines(result)]
  const kinds = Object.entries(result.subjects).map(([kind, count]) => `${count} ${kind}`)
  const rows = [
    ['statements', `${result.statements} in ${result.batches} ${result.batches === 1 ? 'batch' : 'batches'}`],
    ['subjects', kinds.length === 0 ? 'none as a whole' : kinds.join(', ')],
    ...(result.aboutOthers === 0 ? [] : [['about others', `${result.aboutOthers} of the statements, as they name it: places, endpoints or organizations`]]),
  ]
  if (dryRun === true) return [`dry run: ${name} would be erased, and nothing was changed`, '', ...tableOf(rows), ...leftLines(result)]
  return [
    `erased: ${name}`,
    '',
    ...tableOf(rows),
    ...leftLines(result),
    '',
    'The commitments stay, so everything else in these batches proves as before.',
    ...LATER,
  ]
}

const leftLines = ({ leftIn }: ErasureResult): readonly string[] =>
  leftIn.length === 0
    ? []
    : ['', 'It still stands in what loads left. Delete the file, or end the load that it belongs to:', ...leftIn.map((file) => `  ${file}`)]
