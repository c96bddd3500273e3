/** What an import finds, one row each; `docs/reference/errors.md` is made from this table. `rejects`: the record is not taken. */
export const FINDINGS = {
  NPI_MISSING: { rejects: true, means: 'a row that an NPI should name has none' },
  NPI_CHECK_DIGIT: { rejects: false, means: 'an NPI that is not ten digits with a valid check digit: it names nobody and is not kept' },
  NPI_REPLACED: { rejects: false, means: 'the NPI was replaced by another one' },
  NPI_DEACTIVATED: { rejects: false, means: 'the NPI is deactivated: the subject has departed' },
  ENTITY_TYPE: { rejects: true, means: 'a row says neither that it is about a person nor about an organization' },
  PRIMARY_TAXONOMY_MISSING: { rejects: false, means: 'no taxonomy is marked as the primary one' },
  PRIMARY_TAXONOMY_NOT_FIRST: { rejects: false, means: 'the primary taxonomy is not the first one' },
  TAXONOMY_CODE: { rejects: false, means: 'a taxonomy code is not ten characters of the code set’s form: it is not kept' },
  UNKNOWN_CODE_SYSTEM: { rejects: false, means: 'a code is of a system that is not known here: it is kept with its system' },
  WRONG_TYPE: { rejects: false, means: 'a value has another JSON type than its element: it is not kept' },
  VALUE_TOO_LONG: { rejects: false, means: 'a value is longer than allowed: it is not kept' },
  VALUE_FORM: { rejects: false, means: 'a value is not of its field’s form: it is not kept' },
  REFERENCE_DANGLING: { rejects: false, means: 'a reference points to nothing in the load or the directory: it is not kept' },
  REFERENCE_KIND: { rejects: false, means: 'a reference points to another kind of resource than its element allows: it is not kept' },
  ENDPOINT_OWNER: {
    rejects: false,
    means: 'an endpoint is of a person, or of an NPI that is not known: only organizations have endpoints here, and whose it is is not kept',
  },
  OTHER_NAME: { rejects: false, means: 'an organization has another name beside the one that is kept: it is not kept' },
  NPI_SECOND: { rejects: false, means: 'a resource has another valid NPI beside the one that names it: it is not kept' },
  CONTAINED: { rejects: false, means: 'a contained resource is none of Practitioner, Organization, Location and Endpoint: it is not read' },
  KEY_MISSING: { rejects: true, means: 'a row has nothing in the column that names it' },
  KEY_IS_NPI: {
    rejects: false,
    means:
      'the first keys of a file are valid NPIs, and its key column is not called so: they are taken for numbers of the source; map the column as `npi` too',
  },
  DUPLICATE_ROW: { rejects: false, means: 'a row repeats an earlier one of the file' },
  DUPLICATE_KEY: { rejects: true, means: 'another row of the file says something else of the same key' },
  ROW_CELLS: { rejects: true, means: 'a row has more or fewer cells than the header' },
  ROW_ENCODING: { rejects: true, means: 'a row is not UTF-8, or has U+FFFD where another program could not read it' },
  ROW_FORM: { rejects: true, means: 'quotation marks or line ends in a row do not stand as RFC 4180 demands' },
  RESOURCE_JSON: { rejects: true, means: 'a line is no JSON object, or an entry of a Bundle has no resource' },
  RESOURCE_DELETED: { rejects: true, means: 'an entry of a Bundle asks to delete a resource: a source says that with `active`, `status` or a full load' },
  RESOURCE_SIZE: { rejects: true, means: 'a resource is longer than allowed' },
  RESOURCE_TYPE: { rejects: true, means: 'a resource is of a type that the directory does not take' },
  RESOURCE_ID: { rejects: true, means: 'a resource has no id that others could refer to' },
} as const

export type FindingCode = keyof typeof FINDINGS
