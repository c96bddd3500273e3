import { InputError, parseBytes32, parseOrganizationId, shape } from '@fiducia/core'
import { MAX_BATCH_STATEMENTS, MAX_ROLE_TEXT } from '../../limits.ts'
import type { HoldBatch, MissBatch, OfferBatch, OpenContest, RoleOpening, RoleRecord, RoleStatement, RuleContest } from './types.ts'

const { boolean, integer, object, text } = shape

export const parseRoleStatement: shape.Parser<RoleStatement> = object({ role: parseBytes32, version: integer(1), expires: integer() })

export const parseRoleRecord: shape.Parser<RoleRecord> = object({ version: integer(1), expires: integer(), withdrawn: boolean })

const someText: shape.Parser<string> = (value, at) => {
  const found = text(MAX_ROLE_TEXT)(value, at)
  if (found === '') throw new InputError('SHAPE', 'expected text, found none', { at })
  return found
}

/** What a requester shows so that a role id can be recomputed. */
export const parseRoleOpening: shape.Parser<RoleOpening> = object({
  code: someText,
  org: parseOrganizationId,
  practitioner: (value, at) => shape.string(/^[^|]+\|[^|]+$/u, 'an identifier as `system|value`')(someText(value, at), at),
})

const root = parseBytes32

/** What a path through a tree of at most 10,000 leaves has. */
const MAX_BATCH_PATH = 14

export const parseOfferBatch: shape.Parser<OfferBatch> = object({ root, count: integer(1, MAX_BATCH_STATEMENTS) })

export const parseHoldBatch: shape.Parser<HoldBatch> = object({ root })

export const parseMissBatch: shape.Parser<MissBatch> = object({ root, org: parseOrganizationId })

/** A field's listed name. What tells one of many apart, such as a number, stays off the ledger: `license` and not `license/OR/7`. */
const parseFieldKind: shape.Parser<string> = shape.string(/^[a-z][A-Za-z]{0,29}(?:\.[a-z][A-Za-z0-9]{0,29})?$/u, 'the name of a field')

export const parseOpenContest: shape.Parser<OpenContest> = object({
  root,
  index: integer(0, MAX_BATCH_STATEMENTS - 1),
  com: parseBytes32,
  path: shape.array(parseBytes32, MAX_BATCH_PATH),
  field: parseFieldKind,
})

export const parseRuleContest: shape.Parser<RuleContest> = object({ contest: parseBytes32, ruling: shape.literal('stands', 'falls', 'unclear') })
