import { type Bytes32, encodeCanonical, InputError, type JsonValue, parseBytes32, type Parser, shape } from '@fiducia/core'
import { spanOfDate } from './dates.ts'
import { MAX_ALTERNATIVES, MAX_FILTERS, MAX_GRANTS, MAX_NAME_LENGTH, MAX_REPLACES, MAX_UNLINKED } from './limits.ts'
import { ACTIONS } from './actions.ts'
import {
  CATEGORIES,
  CONFIDENTIALITY,
  type DataSelector,
  type Effect,
  type Grant,
  type Item,
  type Party,
  type Policy,
  type Recipient,
  type Scope,
} from './types.ts'

/**
 * The native policy document: parsed strictly, all faults at once, unknown members refused. What parses is encoded back
 * to the same value, so that its canonical bytes are the ones a head commits to.
 */

const fault = (at: string, message: string): InputError => new InputError('SHAPE', message, { at })

const name: Parser<string> = (value, at) => {
  const text = shape.text(MAX_NAME_LENGTH)(value, at)
  if (text.trim() === text && text !== '') return text
  throw fault(at, 'expected text without blanks around it, found other text')
}
const code = shape.string(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a code')
const qualified =
  (what: string): Parser<string> =>
  (value, at) =>
    shape.string(/^[^|\s]+\|[^|\s](?:[^|]*[^|\s])?$/, what)(name(value, at), at)
/** A code that we know the system of, or one with its system. */
const codeOf =
  (plain: Parser<string>): Parser<string> =>
  (value, at) =>
    typeof value === 'string' && value.includes('|') ? qualified('`system|code`')(value, at) : plain(value, at)
const party: Parser<Party> = (value, at) => (Array.isArray(value) ? listOf(name) : name)(value, at)
const typeName = shape.string(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type')
const reference = shape.string(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/, 'a reference `Type/id`')
const listOf = <T>(item: Parser<T>): Parser<readonly T[]> => shape.array(item, MAX_ALTERNATIVES, 1)

const date: Parser<string> = (value, at) => {
  const text = name(value, at)
  if (spanOfDate(text) !== undefined) return text
  throw fault(at, 'expected a date such as `2024`, `2024-06`, `2024-06-01`, or an instant with its time zone, found other text')
}

/** An object of optional members of which at least one is there, and whose `from` does not lie after its `until`. */
function someOf<T extends object>(parser: Parser<T>, what: string): Parser<T> {
  return (value, at) => {
    const parsed = parser(value, at)
    if (Object.keys(parsed).length > 0) return parsed
    throw fault(at, `expected at least one member in ${what}, found none`)
  }
}

function ordered<T extends { readonly from?: string | number; readonly until?: string | number }>(parser: Parser<T>): Parser<T> {
  return (value, at) => {
    const parsed = parser(value, at)
    const from = typeof parsed.from === 'string' ? spanOfDate(parsed.from)?.from : parsed.from
    const until = typeof parsed.until === 'string' ? spanOfDate(parsed.until)?.until : parsed.until
    if (from === undefined || until === undefined || from <= until) return parsed
    throw fault(at, 'expected `from` not to lie after `until`')
  }
}

const recipient: Parser<Recipient> = someOf(
  shape.object(
    {},
    {
      anyone: shape.literal(true),
      organization: name,
      group: name,
      role: name,
      practitioner: qualified('a practitioner `system|value`'),
      study: name,
      delegate: name,
      identifier: name,
      unresolved: name,
    },
  ),
  'a recipient',
)

const item: Parser<Item> = (value, at) => {
  if (typeof value === 'string') return reference(value, at)
  const parsed = shape.object({}, { related: reference, dependents: reference, authoredBy: listOf(party), unresolved: name })(value, at)
  const { related, dependents, authoredBy, unresolved } = parsed
  if (Object.keys(parsed).length === 1) {
    if (related !== undefined) return { related }
    if (dependents !== undefined) return { dependents }
    if (authoredBy !== undefined) return { authoredBy }
    if (unresolved !== undefined) return { unresolved }
  }
  throw fault(at, 'expected `Type/id`, or one of `related`, `dependents`, `authoredBy`, `unresolved`')
}

const selector: Parser<DataSelector> = someOf(
  shape.object(
    {},
    {
      categories: listOf(shape.literal(...CATEGORIES)),
      confidentiality: shape.literal(...CONFIDENTIALITY),
      sensitivity: listOf(codeOf(code)),
      types: listOf(codeOf(typeName)),
      codes: listOf(qualified('a code `system|code`')),
      sources: listOf(party),
      authors: listOf(party),
      encounters: listOf(reference),
      items: listOf(item),
      period: ordered(someOf(shape.object({}, { from: date, until: date }), 'a period')),
    },
  ),
  'a data selector',
)

const instant = shape.integer()

const action = codeOf(shape.literal(...ACTIONS))
const validity = ordered(someOf(shape.object({}, { from: instant, until: instant }), 'a time of validity'))

const frame = someOf(
  shape.object(
    {},
    {
      recipients: listOf(recipient),
      purposes: listOf(codeOf(code)),
      actions: listOf(action),
      valid: validity,
      sources: listOf(party),
      authors: listOf(party),
    },
  ),
  'a frame',
)

const scopeMembers = {
  recipients: listOf(recipient),
  purposes: listOf(codeOf(code)),
  data: selector,
  actions: listOf(action),
  valid: validity,
  within: frame,
}

const scope: Parser<Scope> = someOf(shape.object({}, scopeMembers), 'an exception')
/** One exception, or a list of which any counts. */
const exceptions: Parser<Scope | readonly Scope[]> = (value, at) => (Array.isArray(value) ? listOf(scope) : scope)(value, at)

const grant: Parser<Grant> = shape.object({ effect: shape.literal<Effect>('permit', 'deny') }, { ...scopeMembers, except: exceptions })

const bytes32: Parser<Bytes32> = (value, at) => parseBytes32(value, at)

const policy: Parser<Policy> = shape.object(
  { v: shape.literal(1), grants: shape.array(grant, MAX_GRANTS) },
  {
    preset: shape.literal('care-team', 'ask-me', 'emergency-only', 'closed'),
    until: instant,
    replaces: shape.array(bytes32, MAX_REPLACES),
    unlinked: shape.array(bytes32, MAX_UNLINKED),
    filters: shape.map(bytes32, selector, MAX_FILTERS),
  },
)

/** Throws an `InputError` that names every fault of the document; never quotes long text. */
export const parsePolicy = (value: unknown): Policy => policy(value, '')

/** The canonical bytes that a policy head commits to. */
export const encodePolicy = (value: Policy): Uint8Array => encodeCanonical(value as unknown as JsonValue)

/** Parts of a policy document that other documents are made of. */
export const policyParts = {
  action,
  bytes32,
  categories: listOf(shape.literal(...CATEGORIES)),
  grant,
  instant,
  listOf,
  name,
  purposes: listOf(codeOf(code)),
  recipient,
  reference,
  selector,
  types: listOf(codeOf(typeName)),
}
