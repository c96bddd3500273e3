import os from 'node:os'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type GroupId, type OrganizationId, parseGroupId, parseOrganizationId } from '@fiducia/core'
import { BASES, FINDINGS, type FindingCode, parseMapping } from '@fiducia/directory'
import {
  checkVoice,
  furtherExceptions,
  isWitnessConfig,
  LOAD_FORMATS,
  type LoadPorts,
  type LoadResult,
  type LoadTerms,
  loadConfig,
  loadWitnessConfig,
  openReaders,
  parseGenesis,
  runLoad,
} from '@fiducia/node'
import { LoadProgressLine } from './directory-progress.ts'
import { type Answer, UsageError } from '../output.ts'
import { readTextInput, statOf } from '../read-input.ts'
import { tableOf } from '../table.ts'

/** `fiducia directory import`: files of providers become statements, and rows that cannot go back to who made them. */
export interface ImportFlags {
  readonly format: string
  readonly data: string
  readonly map?: string
  readonly origin?: string
  readonly basis: string
  readonly org: string
  readonly as?: string
  readonly observed?: string
  readonly full?: boolean
  readonly maxChange: string
  readonly dryRun?: boolean
}

export async function importFiles(paths: readonly string[], flags: ImportFlags): Promise<Answer> {
  for (const file of paths)
    if (!statOf(file, 'a file of providers').isFile())
      throw new UsageError('FILE_KIND', `expected a file of providers, found something else than a file at \`${file}\``, file)
  const { org, group } = organizationOf(flags)
  const request = {
    dir: flags.data,
    files: paths,
    terms: termsOf(flags, org, group),
    attester: org,
    who: personOf(flags.as ?? os.userInfo().username),
    maxChange: percentOf(flags.maxChange),
    isDryRun: flags.dryRun === true,
  }
  using progress = new LoadProgressLine()
  return answerOf(await runLoad(request, loadPorts(progress)), flags.data)
}

export const loadPorts = (progress: LoadProgressLine): LoadPorts => ({
  now: () => Date.now(),
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  readers: openReaders,
  onProgress: (at) => progress.show(at),
})

// ---- flags ----------------------------------------------------------------------------------------------------------------

interface Organization {
  readonly org: OrganizationId
  readonly group: GroupId
}

/** That of the node whose folder it is; else the one that is named, a group by itself. */
const organizationOf = ({ data, org }: ImportFlags): Organization =>
  nodeOrganization(data) ?? { org: parseOrganizationId(org, '--org'), group: parseGroupId(org, '--org') }

/** Of the node whose data directory this is, with its group at the genesis; undefined for a folder of another kind. */
export function nodeOrganization(data: string): Organization | undefined {
  const file = path.join(data, 'config.json')
  if (!existsSync(file)) return undefined
  const config = isWitnessConfig(file) ? loadWitnessConfig(file) : loadConfig(file)
  const group = parseGenesis(config.genesis).members[config.org]?.group
  return { org: config.org, group: group ?? parseGroupId(config.org) }
}

function termsOf(flags: ImportFlags, org: OrganizationId, group: GroupId): LoadTerms {
  const format = oneOf(LOAD_FORMATS, flags.format, '--format')
  if ((format === 'csv') !== (flags.map !== undefined)) {
    const found = flags.map === undefined ? 'none' : 'one'
    throw new UsageError('BAD_USE', `expected --map with --format csv and with no other, found ${found} with ${format}`, '--map')
  }
  const origin = flags.origin ?? (format === 'nppes' ? 'nppes' : org)
  const basis = oneOf(BASES, flags.basis, '--basis')
  checkVoice({ origin, basis }, org)
  return {
    format,
    origin,
    basis,
    group,
    isFull: flags.full === true,
    observedAt: flags.observed === undefined ? null : instantOf(flags.observed, '--observed'),
    mapping: flags.map === undefined ? null : readMapping(flags.map),
  }
}

function oneOf<T extends string>(known: readonly T[], text: string, flag: string): T {
  const found = known.find((name) => name === text)
  if (found === undefined) throw new UsageError('BAD_USE', `expected ${flag} ${known.join(', ')}, found \`${text}\``, flag)
  return found
}

/** Who loads, or decides about a load: what stands beside it in the register. */
export function personOf(text: string): string {
  if (text.trim() !== '') return text.trim()
  throw new UsageError('BAD_USE', 'expected --as with the name of a person, found none', '--as')
}

/** Milliseconds of a date or an instant in ISO 8601. */
export function instantOf(text: string, flag: string): number {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? []
  const time = isDay(day) ? Date.parse(text) : Number.NaN
  if (time >= 0) return time
  throw new UsageError('BAD_USE', `expected ${flag} with a date such as 2026-11-22 or 2026-11-22T10:00:00Z, found \`${text}\``, flag)
}

/** `Date.parse` takes the days that a month has not for the first ones of the next. */
function isDay(day: string): boolean {
  const time = Date.parse(day)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(day)
}

function percentOf(text: string): number {
  const value = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value <= 100) return value
  throw new UsageError('BAD_USE', `expected --max-change from 0 to 100, found \`${text}\``, '--max-change')
}

function readMapping(file: string): unknown {
  const text = readTextInput(file, 'a mapping of columns')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('JSON_SYNTAX', 'expected a mapping of columns as JSON, found other text', file)
  }
  parseMapping(value)
  return value
}

// ---- the answer -----------------------------------------------------------------------------------------------------------

/** What came of a load: 1 where it waits for somebody. */
export function answerOf({ rejections, rejected, ...result }: LoadResult, dir: string): Answer {
  const json = {
    read: result.read,
    accepted: result.accepted,
    rejected: rejections,
    moreRejected: rejected - rejections.length,
    findings: result.findings,
    subjects: result.subjects,
    exceptions: result.exceptions,
    moreExceptions: moreExceptions(result),
    new: result.new,
    changed: result.changed,
    same: result.same,
    withdrawn: result.withdrawn,
    older: result.older,
    excess: result.excess,
    load: result.load,
    state: result.state,
  }
  const text = [...figures(result, rejected), ...foundLines(result.findings), ...rejectedLines(rejections, rejected), ...nextLines(result, dir)]
  return { exitCode: result.state === 'waiting-for-approval' ? 1 : 0, json, text: text.join('\n') }
}

type Figures = Omit<LoadResult, 'rejections' | 'rejected'>

function figures(result: Figures, rejected: number): readonly string[] {
  const title = result.load === null ? 'dry run: nothing was changed' : `load ${result.load}: ${result.state}`
  const kinds = Object.entries(result.subjects).map(([kind, count]) => `${count} ${kind}`)
  const older = result.older === 0 ? '' : `, ${result.older} older than what is known and left`
  const rows = [
    ['records', `${result.read} read, ${result.accepted} accepted, ${rejected} rejected`],
    ['subjects', kinds.length === 0 ? 'none' : kinds.join(', ')],
    ['against what was said', `${result.new} new, ${result.changed} changed, ${result.same} the same, ${result.withdrawn} withdrawn${older}`],
  ]
  return [title, '', ...tableOf(rows)]
}

function foundLines(findings: LoadResult['findings']): readonly string[] {
  const rows = Object.entries(findings).map(([code, count]) => [String(count), code, FINDINGS[code as FindingCode].means])
  return rows.length === 0 ? [] : ['', ...tableOf([['found', 'code', 'meaning'], ...rows])]
}

/** Rows that are shown to a person: the file has them all. */
const SHOWN_REJECTIONS = 10

function rejectedLines(rejections: LoadResult['rejections'], rejected: number): readonly string[] {
  if (rejected === 0) return []
  const rows = rejections.slice(0, SHOWN_REJECTIONS).map(({ file, row, field, code, value = '' }) => [path.basename(file), String(row), code, field, value])
  const more = rejected > rows.length ? [`… and ${rejected - rows.length} more`] : []
  return ['', ...tableOf([['rejected in', 'row', 'code', 'field', 'value'], ...rows], REJECTED_WIDTH), ...more]
}

const REJECTED_WIDTH = 48

/** Where the rejected rows were of several headers, the files after the first. */
const moreExceptions = ({ exceptions }: Pick<LoadResult, 'exceptions'>): readonly string[] => (exceptions === null ? [] : furtherExceptions(exceptions))

function exceptionLines(exceptions: string | null): readonly string[] {
  if (exceptions === null) return []
  const more = moreExceptions({ exceptions })
  if (more.length === 0) return [`The rejected rows with their reasons are in ${exceptions}: correct them there and import that file.`]
  const files = [exceptions, ...more].map((file) => `  ${file}`)
  return ['The rejected rows with their reasons are in these files, one for each header: correct them there and import each.', ...files]
}

function nextLines({ state, load, exceptions, excess }: Figures, dir: string): readonly string[] {
  const lines = [
    ...exceptionLines(exceptions),
    ...(excess === null ? [] : excessLines(excess, state)),
    ...(state === 'waiting-for-approval' ? [`  fiducia directory approve ${load} --data ${dir} --as PERSON`] : []),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}

/** Also an approved load says what was approved. */
function excessLines({ kind, gone, had }: NonNullable<Figures['excess']>, state: Figures['state']): readonly string[] {
  const change = `${gone} of ${had} ${kind}s`
  if (state === 'waiting-for-approval')
    return [`It would change or withdraw ${change}, more than allowed, so nothing was changed. Somebody else goes on with it:`]
  return state === 'dry-run' ? [`It would wait for another person to approve: it would change or withdraw ${change}, more than allowed.`] : []
}
