/**
 * Every parser of the pure packages that takes what a stranger wrote: `docs/reference/parsers.md` is made from these rows, and
 * the tests beside this file hold each of them to the same promises. Plain data, so that the page can be made without the tests.
 */
export interface ParserRow {
  readonly name: string
  /** As the packages export them. */
  readonly functions: readonly string[]
  /** How much of it is read. */
  readonly most: string
  /** Levels of objects and arrays; a dash where the format has none. */
  readonly depth: string
  /** What a refusal throws, or how it is said. */
  readonly refusal: string
}

const json = (name: string, functions: readonly string[], most = '`MAX_DOCUMENT_BYTES`', refusal = '`JSON_…`, `SHAPE`, `BYTES_…`'): ParserRow => ({
  name,
  functions,
  most,
  depth: '`MAX_JSON_DEPTH`',
  refusal,
})
const flat = (name: string, functions: readonly string[], most: string, refusal: string): ParserRow => ({ name, functions, most, depth: '–', refusal })

export const PARSER_ROWS: readonly ParserRow[] = [
  flat('base64, base64url and hex', ['decodeBase64', 'decodeBase64Url', 'decodeHex'], 'the place they stand in', '`BYTES_ENCODING`'),
  flat(
    'identifiers',
    ['parseNetworkId', 'parseOrganizationId', 'parseGroupId', 'parseBytes32', 'parseKeyId', 'parseHandle', 'parseDecimalString', 'parseAccessLogOrigin'],
    '40 characters, 43 of 32 bytes',
    '`IDENTIFIER_GRAMMAR`, `BYTES_…`; `undefined` for an origin',
  ),
  json('canonical JSON', ['parseCanonical', 'parseCanonicalString', 'decodeUtf8', 'jsonTokens'], '`MAX_DOCUMENT_BYTES`', '`JSON_…`'),
  json('key record', ['parseKeyRecord'], 'members of fixed length', '`SHAPE`, `KEY_ADMISSION`, `BYTES_ENCODING`'),
  json('signed object', ['parseSignedObject', 'parseSignedObjectBytes']),
  json('state proof', ['parseStateProof'], '`MAX_STATE_PATH` siblings', '`SHAPE`, `BYTES_…`; `PROOF_FORMAT` when it is followed'),
  flat('verifier key', ['parseVerifierKey'], '`MAX_VERIFIER_KEY_TEXT`', '`NOTE_FORMAT`, `BYTES_ENCODING`'),
  flat('note', ['parseNote'], '`MAX_NOTE_BYTES`, `MAX_NOTE_SIGNATURES` lines', '`NOTE_FORMAT`, `BYTES_ENCODING`'),
  flat('checkpoint', ['parseCheckpoint'], 'a note', '`NOTE_FORMAT`, `BYTES_ENCODING`'),
  json('transaction', ['decodeTransaction'], '`MAX_TRANSACTION_BYTES`'),
  json(
    'transaction in a block',
    ['judgeTransaction', 'parseRecovery'],
    '`MAX_TRANSACTION_BYTES`',
    'a refusal of the ledger, as a value: `TX_MALFORMED`, `TX_BODY`, …',
  ),
  json('genesis', ['parseGenesis'], '`MAX_DOCUMENT_BYTES`, `MAX_MEMBERS`', '`JSON_…`, `SHAPE`, `KEY_ADMISSION`'),
  flat('log entry', ['decodeLogEntry', 'decodeBlockEntry', 'decodeAt'], '`MAX_TRANSACTION_BYTES` and a byte', '`SHAPE`, `BYTES_LENGTH`, `JSON_…`'),
  flat('log', ['readLogForm'], 'entry by entry', '`LogFault`'),
  json('trust record', ['parseTrust'], '`MAX_MEMBERS` groups'),
  json(
    'state records',
    ['parseHead', 'parseRoleRecord', 'parseRoleOpening', 'parseAccessLogRecord', 'parseDisputeRecord'],
    'members of fixed length',
    '`SHAPE`, `BYTES_…`, `IDENTIFIER_GRAMMAR`',
  ),
  json('link', ['parseLink']),
  flat('tlog-proof', ['parseTlogProof'], '`MAX_TLOG_PROOF_BYTES`, `MAX_TREE_PATH` hashes', '`PROOF_FORMAT`, `NOTE_FORMAT`, `BYTES_ENCODING`'),
  flat('tlog-proof file', ['verifyTlogProofFile'], '`MAX_TLOG_PROOF_BYTES`', 'a check that did not hold; throws nothing'),
  flat('tlog-policy', ['parseTrustPolicy'], '`MAX_TRUST_POLICY_BYTES`, `MAX_TRUST_POLICY_LINES`', '`NOTE_FORMAT`, `BYTES_ENCODING`'),
  json('trust from outside', ['readTrustInput', 'readTrustText'], 'a tlog-policy or a genesis', 'as those two; `FILE_UNREADABLE`'),
  flat('tile path', ['parseTilePath'], '26 characters', '`PROOF_FORMAT`'),
  flat('entry bundle', ['decodeEntryBundle'], '`TILE_WIDTH` entries of `MAX_ENTRY_BYTES`', '`PROOF_FORMAT`'),
  flat('leaf', ['decodeLeaf'], '72 bytes', '`BYTES_LENGTH`, `PROOF_FORMAT`'),
  flat('add-checkpoint request', ['parseAddCheckpoint'], '`MAX_ADD_CHECKPOINT_BYTES`', '`PROOF_FORMAT`, `NOTE_FORMAT`, `BYTES_ENCODING`, `JSON_NOT_UTF8`'),
  json('receipt', ['parseReceipt', 'parseProvenHead', 'parseNamedHead']),
  json('disclosure', ['readDisclosure', 'releasedReferences']),
  json('decision record', ['readDecisionRecord', 'parseDecisionRecord'], '`MAX_DOCUMENT_BYTES`, `MAX_DECISION_ITEMS`'),
  json('sealed copy', ['openSealedCopy'], '`MAX_SEALED_COPY_BYTES`', '`PROOF_FORMAT`, `JSON_…`, `SHAPE`'),
  json('bundle', ['verifyBundle', 'kindOf'], '`MAX_BUNDLE_FILES` of `MAX_BUNDLE_FILE_BYTES`', 'a check that did not hold, never `readable`; throws nothing'),
  flat('archive', ['readArchive'], '`MAX_BUNDLE_FILES`, `MAX_BUNDLE_BYTES` unpacked', '`FILE_UNREADABLE`, `BUNDLE_EMPTY`, `BUNDLE_TOO_LARGE`'),
  json('sample of a directory', ['parseSamplePack', 'parseShownLine'], '`MAX_SAMPLE` statements', '`SHAPE`, `BYTES_…`, `IDENTIFIER_GRAMMAR`'),
  json('bundle of a study', ['parseStudyPack'], '`MAX_STUDY_SITES` sites, `MAX_STUDY_ROUNDS` rounds', '`SHAPE`, `BYTES_…`, `IDENTIFIER_GRAMMAR`'),
  json('policy document', ['parsePolicy'], '`MAX_GRANTS`, `MAX_ALTERNATIVES`', '`SHAPE`, `BYTES_…`'),
  json('choices', ['parseChoices'], '`MAX_GRANTS`, `MAX_ALTERNATIVES`', '`SHAPE`, `BYTES_…`'),
  flat('search', ['parseSearch'], '`MAX_SEARCH_VALUE_LENGTH`, `MAX_SEARCH_ALTERNATIVES`', '`SHAPE`'),
  { ...json('consent case', ['parseConsentCase'], '64 Mi characters', '`JSON_…`, `SHAPE`'), depth: '100' },
  json('wallet state', ['parseWallet']),
  json('authorization details', ['parseAuthorizationDetails'], '16 KiB', '`BODY_INVALID`'),
  flat('subject and field', ['parseSubjectKey', 'parseFieldName'], '64 characters; a field of the table', '`SHAPE`'),
  json('line of a batch', ['decodeLine', 'parseStatement'], '`MAX_STATEMENT_BYTES`', '`JSON_…`, `SHAPE`, `BYTES_…`'),
  json('column mapping', ['parseMapping'], '`MAX_FIELDS` fields', '`SHAPE`'),
  flat(
    'provider file: CSV',
    ['createCsvReader', 'createHeaderReader'],
    'row by row: `MAX_CSV_COLUMNS`, `MAX_CSV_ROW_BYTES`',
    'a rejected row with its findings; `CSV_…`, `COLUMN_MISSING`',
  ),
  flat('provider file: national register', ['createNppesReader'], 'row by row', 'a rejected row with its findings; `CSV_…`, `NPPES_HEADER`'),
  json(
    'provider file: FHIR',
    ['createFhirReader', 'createReferenceCollector'],
    'resource by resource: `MAX_RESOURCE_BYTES`',
    'a rejected resource with its findings; `FHIR_DOCUMENT`',
  ),
  flat('table of records', ['parseCsv'], '`MAX_CSV_ROWS` of `MAX_CSV_COLUMNS`', '`CSV_…`'),
  { ...json('study', ['parseSpec'], '`MAX_COLUMNS`, `MAX_FORMULA`', '`STUDY_SPEC`, `STUDY_FORMULA`'), depth: 'of its members' },
  { ...flat('formula', ['parseFormula'], '`MAX_FORMULA`, `MAX_MODEL_COLUMNS` terms', '`STUDY_FORMULA`'), depth: '`MAX_PARENTHESES`' },
  json('policy of a site', ['parseSitePolicy'], '`MAX_DATA_USE_CODES`, `MAX_NAME`, `MAX_PATH`', '`STUDY_SITE_POLICY`'),
  flat('rows of a study', ['readTable', 'splitTable', 'readParts'], 'row by row', '`STUDY_COLUMN`, without the cell'),
  json('message of a site', ['parseSiteMessage'], '`MAX_ROUND_MESSAGE` and the vector of the round', '`STUDY_ROUND`'),
  json('message of a coordinator', ['parseCoordinatorMessage'], '`MAX_ROUND_MESSAGE`', '`STUDY_ROUND`'),
]

/** Exported under a parser's name, and not a parser of what a stranger wrote. */
export const NO_PARSERS: Readonly<Record<string, string>> = {
  decodeU32: 'reads four bytes whose number the caller has checked',
  decodeU64: 'reads eight bytes whose number the caller has checked',
  readFacts: 'reads a resource of the own silo, and is total: what cannot be read is undefined',
  readEntries: 'fetches tiles, each read as an entry bundle',
  readTile: 'reads the own log by a tile path',
}
