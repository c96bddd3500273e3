import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DIFFERENCES, LOG_FINDINGS, LOG_NOTICES } from '@fiducia/client'
import { REASONS } from '@fiducia/consent'
import { INPUT_ERRORS } from '@fiducia/core'
import { DIRECTORY_ERRORS, FINDINGS } from '@fiducia/directory'
import { ENGINE_ERRORS, FOLLOW_FAULTS } from '@fiducia/engine'
import { LINK_FAULTS, LOG_FAULTS, REFUSALS } from '@fiducia/ledger'
import { CASE_REASONS, FHIRPATH_ELEMENT_FUNCTIONS, FHIRPATH_FUNCTIONS, FHIRPATH_OPERATORS, FHIRPATH_VARIABLES, VIEW_ERRORS } from '@fiducia/fhir'
import { GATE_REFUSALS, KEY_ERRORS, LOAD_ERRORS, NETWORK_ERRORS, NODE_FAILURES } from '@fiducia/node'
import { AUDIT_FINDINGS, CHECKS, LEAF_FAULTS, RECEIPT_FAULTS, WITNESS_FAULTS } from '@fiducia/proofs'
import { DISCLOSURE_RULES, RESEARCH_ERRORS } from '@fiducia/research'
import { kindOf, STEPS } from '../packages/node/test/faults/steps.ts'
import { TABLE } from '../packages/node/test/faults/table.ts'
import { PARSER_ROWS } from '../packages/testkit/test/parsers/rows.ts'
import { modelPage } from './rules/page.ts'
import { root } from './run.ts'

/**
 * The pages below docs that are made from the code: codes with their meaning, limits with their reason, faults of a disk,
 * parsers, the FHIRPath of views, and which line keeps which rule of the models.
 */
export const PAGES: Readonly<Record<string, () => string>> = {
  'reference/errors.md': errorsPage,
  'reference/faults.md': faultsPage,
  'reference/limits.md': limitsPage,
  'reference/parsers.md': parsersPage,
  'reference/views.md': viewsPage,
  'spec/model/README.md': () => modelPage(GENERATED),
}

export const pageFile = (name: string): string => path.join(root, 'docs', name)

const GENERATED = '<!-- Made by `node scripts/launch.cjs reference`; a test fails when it is not up to date. -->'

interface Table {
  readonly title: string
  readonly about: string
  readonly rows: Readonly<Record<string, string>>
}

const nodeRows = Object.fromEntries(Object.entries(NODE_FAILURES).map(([code, [status, meaning]]) => [code, `${status}: ${meaning}`]))

const findingRows = Object.fromEntries(Object.entries(FINDINGS).map(([code, { rejects, means }]) => [code, rejects ? `rejects: ${means}` : means]))

const TABLES: readonly Table[] = [
  { title: 'Input that cannot be understood', about: 'thrown by every parser of the pure packages', rows: INPUT_ERRORS },
  { title: 'Refusals of the ledger', about: 'the result of a transaction that changes nothing; the same on every node', rows: REFUSALS },
  { title: 'Faults of a log', about: 'entries that are no ledger', rows: LOG_FAULTS },
  { title: 'Links that do not hold', about: 'judged by holders, requesters and verifiers alike', rows: LINK_FAULTS },
  { title: 'Reasons of a consent decision', about: 'in decision records and in `consent decide`', rows: REASONS },
  { title: 'Reasons that a case adds', about: 'in `consent decide` and `POST /consent/decide`', rows: CASE_REASONS },
  { title: 'Refusals before any resource is looked at', about: 'in the decision record, which only the patient gets', rows: GATE_REFUSALS },
  { title: 'Faults of a receipt', about: 'why a requester does not use data', rows: RECEIPT_FAULTS },
  { title: 'Faults of an access log', about: 'why a leaf may not follow', rows: LEAF_FAULTS },
  { title: 'Refusals of a witness', about: 'why a checkpoint is not cosigned', rows: WITNESS_FAULTS },
  { title: 'Why a member stops following', about: 'and refuses to cosign the ledger', rows: FOLLOW_FAULTS },
  { title: 'Engine', about: 'starting and running a replica', rows: ENGINE_ERRORS },
  { title: 'Checks of the verifier', about: 'the lines of `fiducia verify`', rows: CHECKS },
  { title: 'What a wallet finds in a log', about: 'each an accusation with its evidence', rows: LOG_FINDINGS },
  { title: 'What a wallet is told', about: 'without anybody being at fault', rows: LOG_NOTICES },
  { title: 'What a wallet decides otherwise', about: 'than the holder said it did', rows: DIFFERENCES },
  { title: 'What an audit finds', about: 'the report of `fiducia audit`', rows: AUDIT_FINDINGS },
  { title: 'Views', about: 'in `fiducia view run`', rows: VIEW_ERRORS },
  { title: 'Own keys', about: 'a node’s keys, and `fiducia keys`', rows: KEY_ERRORS },
  { title: 'Networks', about: 'making, starting, exporting and importing one with `fiducia network`', rows: NETWORK_ERRORS },
  { title: 'Files of records', about: 'of providers for `fiducia directory`, and for `fiducia link suggest`', rows: DIRECTORY_ERRORS },
  { title: 'Findings in rows', about: 'what an import finds in a record; some reject it', rows: findingRows },
  { title: 'Loads', about: 'into a directory of providers', rows: LOAD_ERRORS },
  { title: 'Studies', about: 'in `fiducia study`', rows: RESEARCH_ERRORS },
  { title: 'Rules of disclosure', about: 'for which a site refuses a study', rows: DISCLOSURE_RULES },
  { title: 'HTTP', about: 'status and meaning; the body is `{"error":{"code","message"}}`', rows: nodeRows },
]

function errorsPage(): string {
  const tables = TABLES.map(({ title, about, rows }) =>
    [
      `## ${title}`,
      '',
      `${about[0]?.toUpperCase()}${about.slice(1)}.`,
      '',
      '| code | meaning |',
      '|---|---|',
      ...Object.entries(rows).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
      '',
    ].join('\n'),
  )
  return `${['# Error codes', '', GENERATED, '', ...tables].join('\n').trimEnd()}\n`
}

const FAULTS_ABOUT = [
  'What a node does when its process is killed, the power goes, or its disk fails, at each call that writes. Every row is tried:',
  'a real process runs over a layer between it and its files (`tools/faults/faultfs.c`), which lets one call fail; then `fiducia fsck`',
  'judges the folder, and the process is started again. In **every** row, whatever the fault:',
  '',
  '- `fiducia fsck` finds the folder sound;',
  '- nothing that was acknowledged is lost; what was not acknowledged may stand or not;',
  '- no second root is signed for a size, and what is there extends every note that was ever given away;',
  '- the process starts again, and the same load succeeds.',
  '',
  'Only of a node that was never started to the end, fsck names the files that are not there so far. Steps are numbered by the run; a',
  'run of the test takes half of the pairs of step and fault, by a seed that it prints (`FIDUCIA_SEED` chooses another).',
  '',
  'The faults:',
  '',
  '- **ends**: the process is killed before or after the call; killed, started again, and then the power goes; the power goes before or',
  '  after the call; or it goes in the middle of it, each unsynced sector of 512 bytes being old or new by chance. What is lost with the',
  '  power is all that POSIX does not promise: bytes without a sync of their file, names without a sync of their folder. Each of them is',
  '  tried on every kind of step, and none needs a column of its own: what is on disk then is the second column.',
  '- **sync fails**: fsync says EIO, the bytes never reach the disk, and the system takes them for written (as Linux does).',
  '- **EIO**: the call fails once. **half**: a write takes half of the bytes, as any write may.',
  '- **full**: a write takes half of the bytes, then nothing gets any space; for good, or for three calls.',
  '',
  'A cell says what the process does while the fault lasts: `goes on` (every later request is acknowledged, and durable), or the codes',
  'with which it refuses. Several: it depends on which of the calls fails. Empty: the fault cannot happen to this call.',
  '',
]

const COLUMNS = ['sync-lost', 'eio', 'short', 'enospc'] as const

function faultsPage(): string {
  const parts = Object.entries(TABLE).map(([workload, { about, rows }]) =>
    [
      `## ${workload}`,
      '',
      about,
      '',
      '| step | what is on disk then, and why it is sound | sync fails | EIO | half | full |',
      '|---|---|---|---|---|---|',
      ...Object.entries(rows).map(([name, row]) => {
        const kind = kindOf(name)
        const cells = COLUMNS.map((column) => (row[column] ?? (column === 'eio' ? row['eio-read'] : undefined) ?? []).join(', '))
        return `| \`${name}\` | ${kind === undefined ? '' : STEPS[kind]} | ${cells.join(' | ')} |`
      }),
      '',
    ].join('\n'),
  )
  return `${['# Faults of a disk', '', GENERATED, '', ...FAULTS_ABOUT, ...parts].join('\n').trimEnd()}\n`
}

function parsersPage(): string {
  const rows = PARSER_ROWS.map(
    ({ name, functions, most, depth, refusal }) => `| ${name} | ${functions.map((one) => `\`${one}\``).join(', ')} | ${most} | ${depth} | ${refusal} |`,
  )
  const about = [
    'Everything that a stranger can write is read by one of these. A parser reads its input whole or refuses it with words that say what was',
    'expected; what has one spelling is written again as the same bytes; and its work grows no faster than its input. The tests in',
    '`packages/testkit/test/parsers` try each row with generated and changed input, and count its steps. [Limits](limits.md) and',
    '[codes](errors.md) have pages of their own.',
  ]
  const head = ['| what | read by | at most | depth | a refusal |', '|---|---|---|---|---|']
  return `${['# Parsers', '', GENERATED, '', ...about, '', ...head, ...rows].join('\n')}\n`
}

const VIEWS_ABOUT = [
  'What `fiducia view run` takes. A view is a ViewDefinition of [SQL-on-FHIR v2](https://sql-on-fhir.org); its expressions are',
  '[FHIRPath](http://hl7.org/fhirpath/N1/). Whatever does not stand on this page is refused when the view is read, by its name and place:',
  'no column is ever empty because of a function that is missing. [The guide](../guide/run-a-view.md) shows a view at work.',
  '',
  '## The view',
  '',
  '- `resource`, `constant`, `select` (with `column`, `select`, `unionAll`, `forEach`, `forEachOrNull`, `repeat`) and `where`, as the specification',
  '  defines them. Members that describe a view are taken and not looked at; any other member is refused. `status` may be absent.',
  '- A `where` must give true, false or nothing. A column gets one value, or a list with `collection: true`; several without it are an error,',
  '  and so is a value that is not of the column’s `type`, or one with parts where no type is stated.',
  '- The branches of a `unionAll` give the same names in the same order, with the same types where both state them.',
  '- The row of an empty `forEachOrNull` has nothing in its columns; one that is `%rowIndex` has 0.',
  '- Resources of other types are passed over, and contained ones give no rows. A Bundle is its entries, unless the view is about Bundles.',
  '- Rows, items and depths are bounded: see [limits](limits.md) (`MAX_ROWS_PER_RESOURCE` and its neighbours). [Codes](errors.md) name what went wrong.',
  '',
  '## How values are read',
  '',
  '- A choice of types is found by its name (`value`, `deceased`), and by its type with `ofType`. `ofType` of anything else must be able to see the',
  '  type: of a resource, of a primitive. Otherwise it is an error.',
  '- JSON does not say whether a text is a date. Texts are compared as dates if a literal, a constant or `ofType` says so; of two texts of',
  '  which nothing is known, `=` takes them for dates if both begin with a full date, and `<` if both can be read as dates or times.',
  '- Dates of different precision leave an answer open, as do times of which only one has a zone: the result is nothing.',
  '- Numbers are those of JavaScript: integers to 2^53 are exact, decimals have 15 digits. JSON as it is read has lost final zeros, so `1` in a',
  '  decimal element counts as `1.0` for `lowBoundary()` and `highBoundary()`.',
  '- The boundary of a date that has no clock is a date or a dateTime as `ofType` says, else as the column’s `type` says, else a date.',
  '- An element that has extensions and no value counts as nothing; its extensions are found with `extension(url)`.',
  '- Keys are `Type/id`. References that are relative, or that name the `fullUrl` of an entry of the same Bundle, have one; any other has none.',
  '- Names of elements are not checked: an element that is misspelt gives nothing.',
  '- Literals: texts, integers, decimals, `true`, `false`, dates, dateTimes, times, `{}`. Quantities such as `4 days` are refused.',
  '',
]

function viewsPage(): string {
  const functions = [...FHIRPATH_FUNCTIONS.values(), ...FHIRPATH_ELEMENT_FUNCTIONS.values()].map(({ form, about }) => [form, about] as const)
  const operators = [
    ...[...FHIRPATH_OPERATORS].map(([name, { about }]) => [`a ${name} b`, about] as const),
    ['a[n]', 'the item at place n, from 0'],
    ['-a', 'the number with the other sign'],
    ['a as T', 'the same as `a.ofType(T)`'],
  ] as const
  const variables = [
    ['$this', 'the item that the expression, or the criterion, stands on'],
    ...[...FHIRPATH_VARIABLES].map(([name, { about }]) => [`%${name}`, about]),
  ]
  const table = (title: string, head: string, rows: readonly (readonly string[])[]) =>
    [
      `## ${title}`,
      '',
      `| ${head} | gives |`,
      '|---|---|',
      ...rows.map(([form = '', about = '']) => `| \`${form.replaceAll('|', '\\|')}\` | ${about.replaceAll('|', '\\|')} |`),
      '',
    ].join('\n')
  const tables = [
    table('Functions', 'function', functions),
    table('Operators', 'operator', operators),
    table('Variables', 'variable', [...variables, ['%name', 'the constant `name` of the view']]),
  ]
  return `${['# Views', '', GENERATED, '', ...VIEWS_ABOUT, ...tables].join('\n').trimEnd()}\n`
}

function limitsPage(): string {
  const packages = readdirSync(path.join(root, 'packages')).sort()
  const tables = packages.flatMap((name) => {
    const limits = readLimits(path.join(root, 'packages', name, 'src', 'limits.ts'))
    return limits.length === 0
      ? []
      : [
          [`## ${name}`, '', '| limit | value | why |', '|---|---|---|', ...limits.map(({ id, value, why }) => `| \`${id}\` | ${value} | ${why} |`), ''].join(
            '\n',
          ),
        ]
  })
  return `${['# Limits', '', GENERATED, '', ...tables].join('\n').trimEnd()}\n`
}

/** Read from the text, where the reason stands. */
function readLimits(file: string): readonly { readonly id: string; readonly value: string; readonly why: string }[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  const matches = text.matchAll(/\/\*\*\s*([^*]*(?:\*(?!\/)[^*]*)*)\*\/\nexport const ([A-Z][A-Z0-9_]*) = ([^\n]+)/g)
  return [...matches].map(([, why = '', id = '', value = '']) => ({
    id,
    value: `\`${value}\``,
    why: why
      .replaceAll(/\s*\n\s*\*\s*/g, ' ')
      .trim()
      .replaceAll('|', '\\|'),
  }))
}
