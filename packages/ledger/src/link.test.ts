import { parseOrganizationId } from '@fiducia/core'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { alder, birch, bytes32, cedar, DAY, net, openWire, publicOf, seedOf, START, startState, wallet } from '../test/world.ts'
import { apply } from './apply.ts'
import { checkLink, type Link, type LinkContext, linkHashOf, signLink } from './link.ts'
import { relationship } from './modules/policy/queries.ts'
import type { RelationshipHead } from './types.ts'

const rosa = wallet('rosa')
const opened = relationship(apply(startState(), { height: 1, time: START, transactions: [openWire(rosa)] }).state, rosa.handle)
if (opened === undefined) throw new Error('not opened')
const head: RelationshipHead = opened
const link: Link = { net, holder: alder, handle: rosa.handle, requester: birch, expires: START + DAY, rand: bytes32('link') }
const signed = signLink(link, rosa.control)
const context: LinkContext = { net, head, handle: rosa.handle, holder: alder, requester: birch, instant: START }
const codeOf = (one: unknown, changed: Partial<LinkContext> = {}) => {
  const verdict = checkLink(one, { ...context, ...changed })
  return verdict.ok ? 'ok' : verdict.code
}

it('holds for its requester until it expires', () => {
  expect(checkLink(signed, context)).toEqual({ ok: true, link, hash: linkHashOf(signed) })
  expect([codeOf(signed, { instant: link.expires }), codeOf(signed, { instant: link.expires + 1 })]).toEqual(['ok', 'LINK_EXPIRED'])
  expect(codeOf(signed, { requester: cedar })).toBe('LINK_REQUESTER')
  expect(codeOf(signed, { holder: birch })).toBe('LINK_HOLDER')
  expect(codeOf(signed, { head: { ...head, org: parseOrganizationId('birch') } })).toBe('LINK_HOLDER')
  expect(codeOf(signed, { handle: wallet('ida').handle })).toBe('LINK_HANDLE')
  expect(codeOf(signed, { unlinked: [linkHashOf(signed)] })).toBe('LINK_WITHDRAWN')
  expect(codeOf(signLink({ ...link, expires: START + 730 * DAY + 1 }, rosa.control))).toBe('LINK_TOO_LONG')
})

it('is signed by control, or by a delegate who may link, at that instant', () => {
  const delegated = { ...head, delegates: [{ pub: publicOf('son'), rights: ['link'] as const, expires: START + 5 }] }
  const bySon = signLink(link, seedOf('son'))
  expect([codeOf(bySon), codeOf(bySon, { head: delegated }), codeOf(bySon, { head: delegated, instant: START + 6 })]).toEqual([
    'LINK_SIGNER',
    'ok',
    'LINK_SIGNER',
  ])
  expect(codeOf({ ...signed, sig: bySon.sig })).toBe('LINK_SIGNATURE')
  const recovering: RelationshipHead = {
    ...head,
    status: 'recovering',
    pending: { kind: 'recover', control: publicOf('new'), seal: bytes32('seal'), at: START + 10 },
  }
  const byNew = signLink(link, seedOf('new'))
  expect([codeOf(byNew, { head: recovering }), codeOf(byNew, { head: recovering, instant: START + 10 })]).toEqual(['LINK_SIGNER', 'ok'])
  expect(codeOf(signed, { head: recovering, instant: START + 10 })).toBe('LINK_SIGNER')
})

it('never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.string(), fc.json()), (anything) => {
      expect(codeOf(anything)).toBe('LINK_FORMAT')
    }),
    { numRuns: 500 },
  )
})
