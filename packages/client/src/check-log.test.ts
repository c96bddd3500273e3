import { encodeUtf8 } from '@fiducia/core'
import { MIN_RETENTION_DAYS, sealCopy } from '@fiducia/proofs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes, emptyWallet, NOW, openLedger, openWith, ports } from '../test/clinic.ts'
import { type EventPlan, type Logbook, trust, writeLogbook } from '../test/logbook.ts'
import { checkLog, MAX_UNSEALED_MS, openHolderCopy, relationshipOf } from './index.ts'

const plan: EventPlan = { released: ['Observation/1/_history/1'], withheld: [], versions: [1], rules: 'labels-1' }
const { desk } = openLedger()
const { wallet, handle, secret } = openWith(desk, emptyWallet(), ports())
const subject = { handle, secret }
const good = writeLogbook(desk.state, subject, [plan, plan, plan])
const check = ({ completeness, holderCopies, receipts }: Logbook, changes: Partial<Parameters<typeof checkLog>[0]> = {}) =>
  checkLog({ handle, secret, completeness, trust, holderCopies, requesterCopies: receipts, acknowledged: [], now: NOW, ...changes })
const checkGood = (changes: Partial<Parameters<typeof checkLog>[0]> = {}) => check(good, changes)
const codes = (report: ReturnType<typeof checkLog>) => report.findings.map(({ code }) => code)

describe('walking the log', () => {
  it('finds nothing where everything is as it should be, and reads every access', () => {
    const report = checkGood()
    expect(report.findings).toEqual([])
    expect(report.accesses.map(({ k, n, content }) => [k, n, content?.decision.n])).toEqual([
      [1, 0, 0],
      [1, 1, 1],
      [1, 2, 2],
    ])
    expect(openHolderCopy(wallet, relationshipOf(wallet, handle), good.holderCopies[0]?.sealed ?? new Uint8Array()).disclosure).toBe(
      good.contents[0]?.disclosure,
    )
  })

  it('shows that the holder left a release out, by the requester’s copy', () => {
    const cheat = writeLogbook(desk.state, subject, [plan, plan, plan], { junk: [1] })
    const report = check(cheat)
    expect(report.verification.valid).toBe(true)
    expect(codes(report)).toEqual(['RECEIPT_UNLISTED'])
    expect(report.findings[0]?.detail).toContain('leaf 1')
  })

  it('shows a copy that is missing, another’s, unreadable or of another decision', () => {
    const [first, second, third] = good.holderCopies
    if (first === undefined || second === undefined || third === undefined) throw new Error('three copies expected')
    expect(codes(checkGood({ holderCopies: [first, third] }))).toEqual(['COPY_MISSING'])
    expect(codes(checkGood({ holderCopies: [first, { ...second, sealed: third.sealed }, third] }))).toEqual(['COPY_DIFFERS'])
    expect(codes(checkGood({ holderCopies: [first, { ...second, sealed: second.sealed.slice(1) }, third] }))).toEqual(['COPY_UNREADABLE'])
    expect(codes(checkGood({ holderCopies: [first, { ...second, leaf: third.leaf }, third] }))).toEqual(['COPY_UNLISTED'])
    const content = good.contents[1]
    if (content === undefined) throw new Error('a content expected')
    const prettier = { ...content, decision: { ...content.decision, withheld: [{ code: 'LABEL_DENIED', ref: 'Observation/9' }] } }
    expect(codes(checkGood({ holderCopies: [first, { ...second, sealed: sealCopy(secret, bytes('rand'), prettier) }, third] }))).toEqual(['COPY_DIFFERS'])
  })

  it('says that retention ended where a copy is older than it must be kept, and accuses nobody', () => {
    const [first, , third] = good.holderCopies
    if (first === undefined || third === undefined) throw new Error('three copies expected')
    const after = (minutes: number) => checkGood({ holderCopies: [first, third], now: NOW + MIN_RETENTION_DAYS * 86_400_000 + minutes * 60_000 })
    expect(codes(after(-5))).toEqual(['COPY_MISSING'])
    const late = after(1)
    expect([late.ok, late.findings, late.notices.map(({ code }) => code)]).toEqual([true, [], ['RETENTION_ENDED']])
    expect(late.accesses.map(({ content }) => content?.decision.n)).toEqual([0, undefined, 2])
    // What is given out is judged whatever its age.
    expect(codes(checkGood({ holderCopies: [first, { ...third, n: 1 }, third], now: NOW + 2 * MIN_RETENTION_DAYS * 86_400_000 }))).toContain('COPY_DIFFERS')
  })

  it('takes no list that does not verify, or that is another relationship’s', () => {
    const broken = new Map([...good.completeness, ['1/seal.leaf', new Uint8Array(72)]])
    expect(codes(checkGood({ completeness: broken }))).toEqual(['LIST_INVALID'])
    expect(codes(checkGood({ completeness: new Map() }))).toEqual(['LIST_INVALID'])
    const other = openWith(desk, emptyWallet(), ports('other'))
    expect(codes(checkGood({ handle: other.handle }))).toEqual(['LIST_FOREIGN'])
  })

  it('leaves what is newer than the seal for the next time', () => {
    const [, , , fourth] = writeLogbook(desk.state, subject, [plan, plan, plan, plan]).holderCopies
    if (fourth === undefined) throw new Error('a fourth copy expected')
    expect(checkGood({ holderCopies: [...good.holderCopies, fourth] })).toMatchObject({ ok: true, newer: 1 })
    // An hour later the holder has had time to seal it, and an older seal is no excuse.
    const later = NOW + MAX_UNSEALED_MS + 60_000
    expect(codes(checkGood({ holderCopies: [...good.holderCopies, fourth], now: later }))).toEqual(['ACCESS_UNSEALED'])
    const receipt =
      writeLogbook(
        desk.state,
        subject,
        Array.from({ length: 17 }, () => plan),
      ).receipts[16] ?? ''
    expect(checkGood({ requesterCopies: [...good.receipts, receipt] })).toMatchObject({ ok: true, newer: 1 })
    expect(codes(checkGood({ requesterCopies: [...good.receipts, receipt], now: later }))).toEqual(['ACCESS_UNSEALED'])
  })

  it('shows a release that passed over what the holder had acknowledged before', () => {
    const before = NOW - 5 * 60_000
    expect(codes(checkGood({ acknowledged: [{ version: 1, at: before }] }))).toEqual([])
    expect(codes(checkGood({ acknowledged: [{ version: 2, at: before }] }))).toEqual(['POLICY_PASSED_OVER', 'POLICY_PASSED_OVER', 'POLICY_PASSED_OVER'])
    // In the same minutes nobody can say which came first; and a refusal releases nothing.
    expect(codes(checkGood({ acknowledged: [{ version: 2, at: NOW }] }))).toEqual([])
    const refused = writeLogbook(desk.state, subject, [{ ...plan, released: [] }])
    expect(codes(check(refused, { acknowledged: [{ version: 2, at: before }] }))).toEqual([])
  })

  it('shows a decision that claims another time than its leaf', () => {
    const at = (minutes: number) => codes(check(writeLogbook(desk.state, subject, [{ ...plan, instant: NOW + minutes * 60_000 }])))
    expect(at(-6)).toEqual([])
    expect(at(-7)).toEqual(['INSTANT_DIFFERS'])
    expect(at(2)).toEqual([])
    expect(at(3)).toEqual(['INSTANT_DIFFERS'])
  })

  it('accuses nobody by a receipt that nobody signed', () => {
    const [receipt] = good.receipts
    const forged = (receipt ?? '').replace('test/log/alpha/1', 'test/log/beta/1')
    expect(codes(checkGood({ requesterCopies: [forged] }))).not.toContain('RECEIPT_UNLISTED')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .tuple(fc.nat((receipt ?? '').length - 1), fc.string({ minLength: 1, maxLength: 1 }))
            .map(([at, c]) => `${receipt?.slice(0, at)}${c}${receipt?.slice(at + 1)}`),
        ),
        (text) => {
          for (const code of codes(checkGood({ requesterCopies: [text] })))
            expect(['RECEIPT_UNREADABLE', 'RECEIPT_UNPROVEN', 'RECEIPT_FOREIGN']).toContain(code)
        },
      ),
      { numRuns: 60 },
    )
    expect(encodeUtf8(receipt ?? '').length).toBeGreaterThan(500)
  })
})
