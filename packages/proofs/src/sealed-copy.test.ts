import { InputError } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectOnlyInputErrors } from '../test/generated.ts'
import { bytes, bytes32, disclosureOf, events } from '../test/network.ts'
import { formatDecisionRecord, openSealedCopy, readDecisionRecord, readDisclosure, releasedReferences, type SealedContent, sealCopy } from './index.ts'

const decision = readDecisionRecord(events[0]?.decision ?? '')
const content: SealedContent = { decision, disclosure: disclosureOf(0), salt: bytes32('salt'), salt2: bytes32('salt2') }

describe('a sealed copy', () => {
  it('opens with K only, to the same, and shows its length in whole kibibytes', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 3000 }).filter((text) => text.isWellFormed()),
        (disclosure) => {
          const sealed = sealCopy(bytes('K'), bytes('rand'), { ...content, disclosure })
          expect(openSealedCopy(bytes('K'), sealed)).toEqual({ ...content, disclosure })
          expect((sealed.length - 32 - 16) % 1024).toBe(0)
          expect(() => openSealedCopy(bytes('another K'), sealed)).toThrow('does not open')
        },
      ),
      { numRuns: 50 },
    )
  })

  it('may hold a disclosure of many spaces, and ends where its padding begins', () => {
    const disclosure = `${' '.repeat(1_000_000)}.`
    expect(openSealedCopy(bytes('K'), sealCopy(bytes('K'), bytes('rand'), { ...content, disclosure })).disclosure).toBe(disclosure)
  })

  it('does not open with any bit changed', () => {
    const sealed = sealCopy(bytes('K'), bytes('rand'), content)
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        expect(() => openSealedCopy(bytes('K'), sealed.with(at, (sealed[at] ?? 0) ^ (1 << bit)))).toThrow(InputError)
      }),
    )
    expect(() => openSealedCopy(bytes('K'), sealed.subarray(0, 40))).toThrow(InputError)
    expect(() => sealCopy(bytes('K'), new Uint8Array(31), content)).toThrow('32 random bytes')
  })
})

describe('a decision record', () => {
  it('is its own canonical form, or refused', () => {
    expect(formatDecisionRecord(decision)).toBe(events[0]?.decision)
    expectOnlyInputErrors(readDecisionRecord, formatDecisionRecord(decision))
  })
})

describe('a disclosure', () => {
  it('says each thing once', () => {
    expect(readDisclosure(disclosureOf(0))).toMatchObject({
      requester: 'beta',
      practitioner: 'npi|1932102084',
      purpose: 'TREAT',
      mirrorKey: bytes32('mirror 0'),
    })
    expect(readDisclosure(disclosureOf(0, 'TREAT', false)).handle).toBeUndefined()
    expect(releasedReferences(disclosureOf(4))).toEqual(['Observation/4/_history/1'])
  })

  it.each([
    ['another resource', (text: string) => text.replace('AuditEvent', 'Observation')],
    ['no practitioner', (text: string) => text.replace('IRCP', 'CST')],
    ['two requesters', (text: string) => text.replace('IRCP', '110152')],
    ['no purpose', (text: string) => text.replace('"code":"TREAT"', '"display":"x"')],
    ['two codings of the purpose', (text: string) => text.replace('{"code":"TREAT"}', '{"code":"TREAT"},{"code":"HRESCH"}')],
    ['a digest twice', (text: string) => text.replace('fiducia.authz', 'fiducia.digest')],
    ['a handle twice', (text: string) => text.replace('fiducia.authz', 'fiducia.handle')],
    ['no mirror key', (text: string) => text.replace('fiducia.mirror', 'fiducia.other')],
    ['a digest of another length', (text: string) => text.replace(bytes32('body 0'), 'AAAA')],
    ['a space', (text: string) => text.replace(':', ': ')],
  ])('is refused with %s', (_, change) => {
    expect(change(disclosureOf(0))).not.toBe(disclosureOf(0))
    expect(() => readDisclosure(change(disclosureOf(0)))).toThrow(InputError)
  })

  it('is understood or refused, whatever the text', () => expectOnlyInputErrors(readDisclosure, disclosureOf(0)))
})
