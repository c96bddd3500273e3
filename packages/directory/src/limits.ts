/** Limits of `directory`, each with its reason. */

/** Columns of a file of records: the widest public register of providers has 329. */
export const MAX_CSV_COLUMNS = 1000

/** Rows of a file of records: an encoding takes 128 bytes, a sorted list of its nearest ones as much again. */
export const MAX_CSV_ROWS = 1_000_000

/** Characters in one cell: no name or address has more, and an unclosed quotation mark would otherwise swallow the file. */
export const MAX_CELL_CHARACTERS = 10_000

/** Bytes of one cell: as many characters of UTF-8, each of four bytes. */
export const MAX_CELL_BYTES = 4 * MAX_CELL_CHARACTERS

/** Bytes of one row of CSV: the widest register writes 1 to 12 KB; what is kept between two chunks of a file is one row. */
export const MAX_CSV_ROW_BYTES = 1024 * 1024

/** Keys of one file that are remembered to find duplicates, twelve bytes each: the national register has nine million rows. */
export const MAX_SEEN_KEYS = 13_000_000

/** Addresses whose location is remembered while a file is read: the neighbours of a row share its clinic, and a larger table costs more than it saves. */
export const MAX_KNOWN_ADDRESSES = 4_000

/** Spellings of one field whose normalized form is remembered while a file is read: most rows have a family name that came before. */
export const MAX_KNOWN_SPELLINGS = 10_000

/** Days that are remembered as they were written: some sixty years of them. */
export const MAX_KNOWN_DAYS = 20_000

/** Bytes of one resource: a location with the outline of its area has some hundred thousand. */
export const MAX_RESOURCE_BYTES = 4 * 1024 * 1024

/** Bytes of a document that is read whole; more comes as NDJSON. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024

/** Resources of one load that others may refer to: about 200 bytes each. */
export const MAX_REFERENCES = 2_000_000

/** Entries of one list in a resource: a large organization has some hundred locations. */
export const MAX_REPEATS = 1_000

/** Subjects that one record may speak of: a role at many locations in many networks would otherwise multiply. */
export const MAX_RECORD_SUBJECTS = 2_000

/** Characters of a column's name in a mapping: the longest of the national register has 72. */
export const MAX_COLUMN_NAME = 300

/** Columns without a known meaning that are compared because both files name them alike: more would drown names and dates. */
export const MAX_UNKNOWN_FIELDS = 12

/** Words of one cell that are encoded: an address line has a dozen; a page of free text would fill every bit. */
export const MAX_WORDS = 24

/** Pairs that are compared one by one, which takes about ten seconds; above, records are blocked first. */
export const MAX_EXHAUSTIVE_PAIRS = 100_000_000

/** Statements in one batch: a blob of some megabytes, fetched and checked in about a second. */
export const MAX_BATCH_LEAVES = 10_000

/** Fields in one statement: a register's row has a few dozen, one with fifteen licences and fifty identifiers a hundred. */
export const MAX_FIELDS = 256

/** Characters of a field's name, with what tells it apart from others of its kind; and of an origin. */
export const MAX_FIELD_NAME = 200

/** Characters of one value: names and addresses have some dozens, a description a few lines. */
export const MAX_FIELD_VALUE = 2_000

/** One line of a batch's blob: 256 fields of usual length fit many times over. */
export const MAX_STATEMENT_BYTES = 256 * 1024

/** Corporate groups whose words add to the weight of a value: a fourth that says the same tells little more, and a crowd must not buy a fact. */
export const MAX_WEIGHED_GROUPS = 3
