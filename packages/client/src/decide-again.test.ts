import { type Policy, RULE_SET_ID } from '@fiducia/consent'
import type { Handle } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { alpha, emptyWallet, openLedger, openWith, ports } from '../test/clinic.ts'
import { type EventPlan, writeLogbook } from '../test/logbook.ts'
import { decideAgain, relationshipOf, signPolicy, type WalletState } from './index.ts'

const glucose = {
  resourceType: 'Observation',
  id: 'glucose',
  meta: { versionId: '1' },
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2339-0' }] },
  effectiveDateTime: '2024-03-01',
}
const hidden = { ...glucose, id: 'hidden' }
const resources = [glucose, hidden]

const permitBeta: Policy = {
  v: 1,
  grants: [
    { effect: 'permit', recipients: [{ organization: 'beta' }], purposes: ['TREAT'] },
    { effect: 'deny', data: { items: ['Observation/hidden'] } },
  ],
}

const { desk } = openLedger()
const walletPorts = ports()
const opened = openWith(desk, emptyWallet(), walletPorts)
const signed = signPolicy(opened.wallet, opened.handle, permitBeta, walletPorts)

function again(plan: Partial<EventPlan>, options: { readonly wallet?: WalletState; readonly resources?: readonly unknown[]; readonly handle?: Handle } = {}) {
  const full: EventPlan = {
    released: ['Observation/glucose/_history/1'],
    withheld: [{ code: 'DENIED_BY_GRANT', ref: 'Observation/hidden' }],
    versions: [1],
    rules: RULE_SET_ID,
    ...plan,
  }
  const [content] = writeLogbook(desk.state, { handle: opened.handle, secret: opened.secret }, [full]).contents
  if (content === undefined) throw new Error('no content')
  return decideAgain({
    content,
    policies: relationshipOf(options.wallet ?? signed.wallet, opened.handle).policies,
    resources: options.resources ?? resources,
    holder: alpha,
    networkDefault: 'deny',
    actor: { group: 'group-beta', roles: ['207Q00000X'] },
  })
}
const codes = (result: ReturnType<typeof again>) => result.differences.map(({ code }) => code)

describe('deciding again', () => {
  it('agrees with an honest holder', () => {
    expect(again({})).toEqual({ agrees: true, differences: [], judged: 2, notJudged: 0 })
  })

  it('shows a release that the policy denies', () => {
    expect(codes(again({ released: ['Observation/glucose/_history/1', 'Observation/hidden/_history/1'], withheld: [] }))).toEqual(['RELEASED_BUT_DENIED'])
    expect(codes(again({ purpose: 'HRESCH' }))).toContain('RELEASED_BUT_DENIED')
  })

  it('shows what was withheld without a ground, or on another one', () => {
    expect(
      codes(
        again({
          released: [],
          withheld: [
            { code: 'DENIED_BY_GRANT', ref: 'Observation/glucose' },
            { code: 'DENIED_BY_GRANT', ref: 'Observation/hidden' },
          ],
        }),
      ),
    ).toEqual(['WITHHELD_BUT_PERMITTED'])
    expect(codes(again({ withheld: [{ code: 'LABEL_DENIED', ref: 'Observation/hidden' }] }))).toEqual(['WITHHELD_FOR_ANOTHER_REASON'])
  })

  it('shows items and versions that the own copy of the record does not have', () => {
    expect(codes(again({}, { resources: [hidden] }))).toEqual(['RELEASED_UNKNOWN'])
    expect(codes(again({}, { resources: [glucose] }))).toEqual(['WITHHELD_UNKNOWN'])
    expect(codes(again({ released: ['Observation/glucose/_history/2'] }))).toEqual(['RELEASED_OTHER_VERSION'])
  })

  it('shows a version that the patient never signed, and rules that are not at hand', () => {
    expect(codes(again({ versions: [1, 7] }))).toContain('POLICY_UNKNOWN')
    expect(codes(again({ released: [], withheld: [{ code: 'NO_CONSENT', ref: '*' }], versions: [0] }))).toEqual([])
    expect(codes(again({ rules: 'other-rules' }))).toEqual(['OTHER_RULES'])
  })

  it('judges a refusal for lack of consent, and counts what it cannot judge', () => {
    expect(codes(again({ released: [], withheld: [{ code: 'NO_CONSENT', ref: '*' }] }))).toEqual(['REFUSED_BUT_PERMITTED'])
    expect(again({ released: [], withheld: [{ code: 'NODE_BEHIND', ref: '*' }] })).toEqual({ agrees: true, differences: [], judged: 0, notJudged: 1 })
    const closed = signPolicy(signed.wallet, opened.handle, { v: 1, grants: [] }, walletPorts)
    expect(again({ released: [], withheld: [{ code: 'NO_CONSENT', ref: '*' }], versions: [2] }, { wallet: closed.wallet })).toMatchObject({
      agrees: true,
      judged: 1,
    })
  })
})
