import { type Bytes32, encodeCanonical, InputError, type JsonValue, parseBytes32, type Parser, shape } from '@fiducia/core'
import { isCalendarDay } from './dates.ts'
import { MAX_ALTERNATIVES, MAX_FILTERS, MAX_GRANTS, MAX_NAME_LENGTH, MAX_REPLACES, MAX_UNLINKED } from './limits.ts'
import { type Action, CATEGORIES, CONFIDENTIALITY, type DataSelector, type Effect, type Grant, type Policy, type Recipient } from './types.ts'

/**
 * The native policy document: parsed strictly, all faults at once, unknown members refused. What parses is encoded back
 * to the same value, so that its canonical bytes are the ones a head commits to.
 */

const ACTIONS: readonly Action[] = ['read', 'search', 'export']

const name: Parser<string> = (value, at) => {
  const text = shape.text(MAX_NAME_LENGTH)(value, at)
  if (text.trim() === text && text !== '') return text
  throw new InputError('SHAPE', 'expected text without blanks around it, found other text', { at })
}
const code = shape.string(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a code')
const qualified =
  (what: string): Parser<string> =>
  (value, at) =>
    shape.string(/^[^|\s]+\|[^|\s](?:[^|]*[^|\s])?$/, what)(name(value, at), at)
const typeName = shape.string(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type')
const reference = shape.string(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/, 'a reference `Type/id`')
const listOf = <T>(item: Parser<T>): Parser<readonly T[]> => shape.array(item, MAX_ALTERNATIVES, 1)

const day: Parser<string> = (value, at) => {
  const text = shape.string(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, 'a day `YYYY-MM-DD`')(value, at)
  if (isCalendarDay(text)) return text
  throw new InputError('SHAPE', `expected a day of the calendar, found \`${text}\``, { at })
}

/** An object of optional members of which at least one is there, and whose `from` does not lie after its `until`. */
function someOf<T extends object>(parser: Parser<T>, what: string): Parser<T> {
  return (value, at) => {
    const parsed = parser(value, at)
    if (Object.keys(parsed).length > 0) return parsed
    throw new InputError('SHAPE', `expected at least one member in ${what}, found none`, { at })
  }
}

function ordered<T extends { readonly from?: string | number; readonly until?: string | number }>(parser: Parser<T>): Parser<T> {
  return (value, at) => {
    const parsed = parser(value, at)
    if (parsed.from === undefined || parsed.until === undefined || parsed.from <= parsed.until) return parsed
    throw new InputError('SHAPE', 'expected `from` not to lie after `until`', { at })
  }
}

const recipientMembers = {
  anyone: shape.literal(true),
  organization: name,
  group: name,
  role: name,
  practitioner: qualified('a practitioner `system|value`'),
  study: name,
  delegate: name,
}

const recipient: Parser<Recipient> = (value, at) => {
  const parsed = shape.object({}, recipientMembers)(value, at)
  const members = Object.keys(parsed).length
  if (members === 1) return parsed as Recipient
  throw new InputError('SHAPE', `expected exactly one member in a recipient, found ${members}`, { at })
}

const selector: Parser<DataSelector> = someOf(
  shape.object(
    {},
    {
      categories: listOf(shape.literal(...CATEGORIES)),
      confidentiality: shape.literal(...CONFIDENTIALITY),
      sensitivity: listOf(code),
      types: listOf(typeName),
      codes: listOf(qualified('a code `system|code`')),
      sources: listOf(name),
      authors: listOf(name),
      encounters: listOf(reference),
      items: listOf(reference),
      period: ordered(someOf(shape.object({}, { from: day, until: day }), 'a period')),
    },
  ),
  'a data selector',
)

const instant = shape.integer()

const grant: Parser<Grant> = shape.object(
  { effect: shape.literal<Effect>('permit', 'deny') },
  {
    recipients: listOf(recipient),
    purposes: listOf(code),
    data: selector,
    actions: listOf(shape.literal(...ACTIONS)),
    valid: ordered(someOf(shape.object({}, { from: instant, until: instant }), 'a time of validity')),
    except: someOf(shape.object({}, { recipients: listOf(recipient), purposes: listOf(code), data: selector }), 'an exception'),
  },
)

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
