import { decodeBase64Url, InputError } from '@fiducia/core'
import { assembleTransaction, checkLink, decodeTransaction, isMonthStart, policyCommitment, relationship } from '@fiducia/ledger'
import { chainOf, tagKeyOf } from '@fiducia/proofs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alpha, beta, bytes, emptyWallet, NOW, openLedger, openWith, ports } from '../test/clinic.ts'
import {
  closeRelationship,
  createWallet,
  encodeWallet,
  forgetPolicy,
  giveLink,
  keysOf,
  parseWallet,
  recognizeOpening,
  relationshipOf,
  rotateKeys,
  roundUpToMonth,
  signPolicy,
} from './index.ts'

const policy = { v: 1, grants: [{ effect: 'permit', recipients: [{ organization: 'beta' }], purposes: ['TREAT'] }] } as const

describe('a wallet', () => {
  it('opens a relationship that the ledger accepts, and gives the holder the K that the head commits to', () => {
    const { desk } = openLedger()
    const opening = openWith(desk, emptyWallet(), ports())
    const head = relationship(desk.state, opening.handle)
    expect(head).toMatchObject({ org: alpha, status: 'open', epoch: 0, version: 0, custody: 'self', recovery: { m: 2 } })
    expect(chainOf(tagKeyOf(opening.secret))).toBe(head?.chain)
  })

  it('signs policies in order, each of which the ledger accepts, with the exact date in the body only', () => {
    const { desk } = openLedger()
    const walletPorts = ports()
    const { wallet, handle } = openWith(desk, emptyWallet(), walletPorts)
    const first = signPolicy(wallet, handle, { ...policy, until: NOW + 1 }, walletPorts)
    desk.submit(first.wire)
    const second = signPolicy(first.wallet, handle, { ...policy, replaces: [first.commitment] }, walletPorts)
    desk.submit(second.wire)
    expect([first.version, second.version]).toEqual([1, 2])
    expect(first.expires).toBe(Date.UTC(2026, 1, 1))
    expect(second.expires).toBe(Date.UTC(2027, 1, 1))
    expect(relationship(desk.state, handle)).toMatchObject({ version: 2, commitment: policyCommitment(second.body, second.salt), expires: second.expires })
    expect(first.salt).not.toEqual(second.salt)
    expect(() => desk.submit(first.wire)).toThrow('REL_VERSION')
  })

  it('gives a version up when it never reached the ledger', () => {
    const { desk } = openLedger()
    const walletPorts = ports()
    const { wallet, handle } = openWith(desk, emptyWallet(), walletPorts)
    const lost = signPolicy(wallet, handle, policy, walletPorts)
    const again = signPolicy(forgetPolicy(lost.wallet, handle, lost.commitment), handle, policy, walletPorts)
    expect(again.version).toBe(1)
    desk.submit(again.wire)
  })

  it('rotates, after which the old key signs nothing and the links must be given anew', () => {
    const { desk } = openLedger()
    const walletPorts = ports()
    const { wallet, handle } = openWith(desk, emptyWallet(), walletPorts)
    const given = giveLink(wallet, handle, beta, walletPorts)
    const judge = (link: unknown) => {
      const head = relationship(desk.state, handle)
      if (head === undefined) throw new Error('no head')
      return checkLink(link, { net: wallet.net, head, handle, holder: alpha, requester: beta, instant: NOW })
    }
    expect(judge(given.link).ok).toBe(true)
    const rotated = rotateKeys(given.wallet, handle, walletPorts)
    desk.submit(rotated.wire)
    expect(judge(given.link)).toMatchObject({ ok: false, code: 'LINK_SIGNER' })
    expect(judge(giveLink(rotated.wallet, handle, beta, walletPorts).link).ok).toBe(true)
    expect(() => desk.submit(signPolicy(given.wallet, handle, policy, walletPorts).wire)).toThrow('TX_SIGNERS')
    desk.submit(signPolicy(rotated.wallet, handle, policy, walletPorts).wire)
    expect(relationship(desk.state, handle)).toMatchObject({ epoch: 1, version: 1 })
    desk.submit(rotateKeys(rotated.wallet, handle, walletPorts).wire)
  })

  it('closes, and then nothing more is accepted', () => {
    const { desk } = openLedger()
    const walletPorts = ports()
    const { wallet, handle } = openWith(desk, emptyWallet(), walletPorts)
    const closed = closeRelationship(wallet, handle, walletPorts)
    desk.submit(closed.wire)
    expect(relationshipOf(closed.wallet, handle).closed).toBe(true)
    expect(() => desk.submit(signPolicy(wallet, handle, policy, walletPorts).wire)).toThrow('REL_CLOSED')
  })

  it('has another key and handle in every relationship', () => {
    const { desk } = openLedger()
    const walletPorts = ports()
    const first = openWith(desk, emptyWallet(), walletPorts)
    const second = openWith(desk, first.wallet, walletPorts)
    expect(second.wallet.relationships).toHaveLength(2)
    const all = second.wallet.relationships.flatMap((one) => {
      const { control, seal, secret } = keysOf(second.wallet, one)
      return [one.handle, control.pub, seal.pub, secret.join()]
    })
    expect(new Set(all).size).toBe(8)
  })

  it('finds its relationships by the seed alone, and nobody else’s', () => {
    const { desk } = openLedger()
    const opening = openWith(desk, emptyWallet(), ports())
    const { body } = decodeTransaction(assembleTransaction(opening.payload, [opening.controlSignature]))
    expect(recognizeOpening(bytes('seed'), body)).toMatchObject({
      handle: opening.handle,
      org: alpha,
      rand32: relationshipOf(opening.wallet, opening.handle).rand32,
    })
    expect(recognizeOpening(bytes('another seed'), body)).toBeUndefined()
    expect(recognizeOpening(bytes('seed'), {})).toBeUndefined()
  })

  it('is stored as bytes and read back the same', () => {
    const walletPorts = ports()
    const { desk } = openLedger()
    const opening = openWith(desk, emptyWallet(), walletPorts)
    const signed = signPolicy(opening.wallet, opening.handle, policy, walletPorts)
    const { wallet } = giveLink(signed.wallet, opening.handle, beta, walletPorts)
    expect(parseWallet(encodeWallet(wallet))).toEqual(wallet)
    expect(decodeBase64Url(wallet.seed)).toEqual(bytes('seed'))
  })

  it('reads only wallets', () => {
    const good = encodeWallet(openWith(openLedger().desk, emptyWallet(), ports()).wallet)
    expect(() => createWallet(emptyWallet().net, new Uint8Array(31))).toThrow('32 bytes')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => good.with(at, value)),
        ),
        (mutated) => {
          try {
            parseWallet(mutated)
          } catch (error) {
            expect(error).toBeInstanceOf(InputError)
          }
        },
      ),
    )
  })

  it('rounds every date up to a first of a month that is less than a month away', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 42), (ms) => {
        const rounded = roundUpToMonth(ms)
        expect(isMonthStart(rounded)).toBe(true)
        expect(rounded - ms).toBeGreaterThanOrEqual(0)
        expect(rounded - ms).toBeLessThan(31 * 86_400_000 + 1)
        expect(roundUpToMonth(rounded)).toBe(rounded)
      }),
    )
  })
})
