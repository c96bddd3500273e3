/** A site's rows, complete in every column that the study uses. They never leave the site. */
export interface Table {
  readonly rows: number
  /** By the name that the study's `columns` gives it. */
  readonly columns: ReadonlyMap<string, Column>
  /** Rows that were left out because a used column had no value. */
  readonly missing: number
}

export type Column = NumberColumn | FactorColumn

export interface NumberColumn {
  readonly kind: 'number'
  /** Finite. */
  readonly values: Float64Array
}

/** Levels in R's order (`factor()` in the C locale: by code units; all numeric ones by number), as this site has them. */
export interface FactorColumn {
  readonly kind: 'factor'
  readonly levels: readonly string[]
  /** Of each row, an index into `levels`. */
  readonly codes: Uint32Array
}

export type ColumnKind = Column['kind']

/** What a study declares of its columns, in the order of the spec. */
export type ColumnKinds = ReadonlyMap<string, ColumnKind>

/** A file as it was read: cells as text. */
export interface TextTable {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What errors call a row, the first of which is 0; without it rows are those of a file with a header. */
  readonly nameOf?: (row: number) => string
}
