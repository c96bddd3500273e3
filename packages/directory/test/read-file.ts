import { type FileReader, type Finding, type ImportedRecord, locationSubject, NORMALIZERS, type SubjectKey } from '../src/index.ts'

/** All records of a file whose bytes come in chunks of this size. */
export function readFile(reader: FileReader, file: string | Uint8Array, size = 64 * 1024): readonly ImportedRecord[] {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  const records: ImportedRecord[] = []
  for (let at = 0; at < bytes.length; at += size) records.push(...reader.push(bytes.subarray(at, at + size)))
  return [...records, ...reader.end()]
}

/** The place in Salem of this line, as every reader must name it. */
export const salem = (line: string): SubjectKey =>
  locationSubject({
    line: NORMALIZERS['address-line'].normalize(line),
    line2: '',
    city: NORMALIZERS.city.normalize('Salem'),
    state: NORMALIZERS.state.normalize('OR'),
    postalCode: NORMALIZERS['postal-code'].normalize('97301-0001'),
    country: 'US',
  })

/** `CODE FIELD VALUE`, record by record. */
export const findingsOf = (records: readonly ImportedRecord[]): readonly (readonly string[])[] => records.map(({ findings }) => findings.map(written))

const written = ({ code, field, value }: Finding): string => [code, field, value ?? ''].join(' ').trim()

/** Fields by subject, of all records together; of one subject the last word. */
export function factsOf(records: readonly ImportedRecord[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const facts: Record<string, Record<string, string>> = {}
  for (const record of records) if (record.accepted) for (const { subject, fields } of record.facts) facts[subject] = { ...facts[subject], ...fields }
  return facts
}

/** Whom the records that were not taken speak of. */
export const rejectedSubjects = (records: readonly ImportedRecord[]): readonly (SubjectKey | undefined)[] =>
  records.flatMap((record) => (record.accepted ? [] : [record.subject]))

export interface Counts {
  readonly read: number
  readonly accepted: number
  readonly findings: Readonly<Record<string, number>>
  readonly subjects: Readonly<Record<string, number>>
}

export function countsOf(records: readonly ImportedRecord[]): Counts {
  const findings: Record<string, number> = {}
  for (const record of records) for (const { code } of record.findings) findings[code] = (findings[code] ?? 0) + 1
  const subjects: Record<string, number> = {}
  for (const subject of Object.keys(factsOf(records))) {
    const kind = subject.slice(0, subject.indexOf('/'))
    subjects[kind] = (subjects[kind] ?? 0) + 1
  }
  return { read: records.length, accepted: records.filter(({ accepted }) => accepted).length, findings, subjects }
}
