import type { SubjectKey } from '../facts/types.ts'
import type { FindingCode } from './findings.ts'

/**
 * From a file to facts. A reader takes bytes as they come and gives *records* in the order of the file, many at a time; what becomes of
 * them (compared with what is known, stored, attested) is the caller's. Memory is bounded whatever the file.
 */

/** One row or resource, read. Every one is accepted or rejected, none is dropped. */
export type ImportedRecord = AcceptedRecord | RejectedRecord

interface AtRow {
  /** As a spreadsheet counts (the header is row 1), or the line of an NDJSON file, or the place in a Bundle, from 1. */
  readonly row: number
}

export interface AcceptedRecord extends AtRow {
  readonly accepted: true
  /** Subject by subject, as the record says them; a practitioner's row gives the practitioner and its location, say. */
  readonly facts: readonly SubjectFacts[]
  /** What is worth a look and no reason to reject. */
  readonly findings: readonly Finding[]
  /** What its source calls it, where that stays: what a record of this name spoke of before, and no longer speaks of, it has left. */
  readonly name?: string
}

export interface RejectedRecord extends AtRow {
  readonly accepted: false
  /** At least one. */
  readonly findings: readonly Finding[]
  /** The record as it was read, for the exception file: the cells of a row, or the text of a resource. */
  readonly source: readonly string[]
  /** The row or resource as it stands in its file, where `source` does not say all of it: in another encoding or form. */
  readonly bytes?: Uint8Array
  /** Whom it speaks of, where that can be read: not taken is not gone. */
  readonly subject?: SubjectKey
}

export interface SubjectFacts {
  readonly subject: SubjectKey
  /** By name (`facts/fields.ts`); values trimmed, never empty. Validated by the reader, so that nothing has to be again. */
  readonly fields: { readonly [field: string]: string }
  /** When the source saw it so, milliseconds; the load's own instant where the source does not say. */
  readonly observedAt?: number
}

export interface Finding {
  readonly code: FindingCode
  /** Column or path, as in the source. */
  readonly field: string
  /** Only where it cannot be about a person's private life: codes, systems, identifiers of providers. Never a name. */
  readonly value?: string
}

/** Reads one file. Throws `DirectoryError` for a file that cannot be one of its format, with the place. */
export interface FileReader {
  /**
   * For the exception file: the header, in the file's own columns, without that of reasons in front which an exception file has (`REASON`);
   * undefined for formats without one. Known after the first chunk.
   */
  readonly header: readonly string[] | undefined
  /** Whether it is an exception file that comes back. Known with the header. */
  readonly isCorrection?: boolean
  /** Records that are whole after these bytes. */
  push(chunk: Uint8Array): readonly ImportedRecord[]
  /** What is left at the end of the file; throws when it was cut. */
  end(): readonly ImportedRecord[]
}

/** What references point to, across the files of one load: `Type/id` or a full URL to a subject. */
export interface ReferenceIndex {
  get(reference: string): SubjectKey | undefined
  /** Also true for a resource that is no subject here, such as a plan: a reference to it does not dangle. */
  has(reference: string): boolean
}

/** Whether an NPI names a person or an organization, as far as the directory knows it. */
export type KindOf = (npi: string) => 'practitioner' | 'organization' | undefined

/** The other name of the organization with this NPI, as the load has it so far. */
export type OtherNameOf = (npi: string) => string | undefined

/** A saved mapping of CONTRACT: the column that names the subject, and which column holds which field. */
export interface ColumnMapping {
  readonly key: string
  readonly fields: { readonly [field: string]: string }
}
