import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DIFFERENCES, LOG_FINDINGS } from '@fiducia/client'
import { REASONS } from '@fiducia/consent'
import { INPUT_ERRORS } from '@fiducia/core'
import { ENGINE_ERRORS, FOLLOW_FAULTS } from '@fiducia/engine'
import { LINK_FAULTS, LOG_FAULTS, REFUSALS } from '@fiducia/ledger'
import { CASE_REASONS } from '@fiducia/fhir'
import { GATE_REFUSALS, NODE_FAILURES } from '@fiducia/node'
import { AUDIT_FINDINGS, CHECKS, LEAF_FAULTS, RECEIPT_FAULTS, WITNESS_FAULTS } from '@fiducia/proofs'
import { PARSER_ROWS } from '../packages/testkit/test/parsers/rows.ts'
import { root } from './run.ts'

/** The pages of docs/reference that are made from the code: every error code with its meaning, every limit with its reason, every parser with both. */
export const PAGES: Readonly<Record<string, () => string>> = { 'errors.md': errorsPage, 'limits.md': limitsPage, 'parsers.md': parsersPage }

export const pageFile = (name: string): string => path.join(root, 'docs', 'reference', name)

const GENERATED = '<!-- Made by `node scripts/launch.cjs reference`; a test fails when it is not up to date. -->'

interface Table {
  readonly title: string
  readonly about: string
  readonly rows: Readonly<Record<string, string>>
}

const nodeRows = Object.fromEntries(Object.entries(NODE_FAILURES).map(([code, [status, meaning]]) => [code, `${status}: ${meaning}`]))

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
  { title: 'What a wallet decides otherwise', about: 'than the holder said it did', rows: DIFFERENCES },
  { title: 'What an audit finds', about: 'the report of `fiducia audit`', rows: AUDIT_FINDINGS },
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
