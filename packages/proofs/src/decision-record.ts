import { formatCanonical, type JsonObject, type Parser, parseBytes32, parseCanonicalString, shape } from '@fiducia/core'
import { MAX_DECISION_ITEMS } from './limits.ts'
import type { DecisionRecord } from './types.ts'

/** The holder's record of one decision (PROTOCOL section 5, decision.json): exactly these members, in canonical JSON. */

const { object, array, integer, text } = shape

/** Codes of withheld items as `consent` and gateways write them. */
const code = shape.string(/^[A-Z][A-Z0-9_]{0,59}$/, 'an upper-case code')

export const parseDecisionRecord: Parser<DecisionRecord> = object({
  assertion: parseBytes32,
  directoryHeight: integer(),
  height: integer(),
  instant: integer(),
  k: integer(1),
  n: integer(),
  rules: text(200),
  tag: parseBytes32,
  versions: array(integer(), MAX_DECISION_ITEMS),
  withheld: array(object({ code, ref: text(500) }), MAX_DECISION_ITEMS),
})

/** Throws an `InputError` unless the text is the canonical form of a decision record. */
export const readDecisionRecord = (canonical: string): DecisionRecord => parseDecisionRecord(parseCanonicalString(canonical), '')

/** As plain JSON, with the members in the order of the page. */
export const decisionJson = (record: DecisionRecord): JsonObject => ({
  assertion: record.assertion,
  directoryHeight: record.directoryHeight,
  height: record.height,
  instant: record.instant,
  k: record.k,
  n: record.n,
  rules: record.rules,
  tag: record.tag,
  versions: [...record.versions],
  withheld: record.withheld.map(({ code: withheldCode, ref }) => ({ code: withheldCode, ref })),
})

/** The canonical text, whose hash goes into the leaf. */
export const formatDecisionRecord = (record: DecisionRecord): string => formatCanonical(decisionJson(record))
