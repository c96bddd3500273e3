import { InputError, parseBytes32, parseOrganizationId, shape } from '@fiducia/core'
import { MAX_ROLE_TEXT } from '../../limits.ts'
import type { RoleOpening, RoleRecord, RoleStatement } from './types.ts'

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
