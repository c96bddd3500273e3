/**
 * Every way in which a view cannot be understood or cannot be answered, one row each; `docs/reference/errors.md` is made
 * from this table. A message names the place in the view and what was found there by its kind, never a value of a resource.
 */
export const VIEW_ERRORS = {
  VIEW_INVALID: 'the document is no ViewDefinition, or has a member that a ViewDefinition does not have',
  VIEW_COLUMNS: 'a view has no columns, names one twice, or the branches of a `unionAll` give different ones',
  VIEW_CONSTANT: 'a constant has no name of its own, or not exactly one value of its type',
  VIEW_COLUMN_MANY: 'a column without `collection: true` got more than one value',
  VIEW_COLUMN_TYPE: 'a column got a value that is not of the type it states',
  VIEW_WHERE: 'a `where` of the view gave something else than true, false or nothing',
  VIEW_RESOURCE: 'what came is no FHIR resource',
  VIEW_LIMIT: 'the view, or what it would do with one resource, is larger than allowed',
  FHIRPATH_SYNTAX: 'an expression is not FHIRPath',
  FHIRPATH_UNKNOWN: 'an expression uses a function, an operator, a type or a constant that is not known here',
  FHIRPATH_TYPE: 'a function or an operator got values that it does not take',
  FHIRPATH_MANY: 'a function or an operator takes one value and got more',
} as const

export type ViewErrorCode = keyof typeof VIEW_ERRORS

/** `at` is the place: of the view (`select[0].column[1].path:7`, the character counted from 1), or of a resource (`line 3`), or both. */
export class ViewError extends Error {
  readonly code: ViewErrorCode
  readonly at: string | undefined
  /** The message without its place. */
  readonly what: string

  constructor(code: ViewErrorCode, what: string, at?: string) {
    super(at === undefined ? what : `${at}: ${what}`)
    this.name = 'ViewError'
    this.code = code
    this.what = what
    this.at = at
  }
}

/** What is thrown while an expression is read or evaluated: it knows the character, and not which expression of the view it is. */
export class FhirPathError extends Error {
  readonly code: ViewErrorCode
  /** The character, counted from 0. */
  readonly position: number | undefined

  constructor(code: ViewErrorCode, message: string, position?: number) {
    super(message)
    this.name = 'FhirPathError'
    this.code = code
    this.position = position
  }

  /** The same as a fault of the view. */
  within(place: string): ViewError {
    return new ViewError(this.code, this.message, this.position === undefined ? place : `${place}:${this.position + 1}`)
  }
}
