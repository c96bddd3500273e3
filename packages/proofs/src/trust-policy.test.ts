import { formatVerifierKey, InputError, KEY_TYPE_LOG, makeVerifierKey, parseNetworkId } from '@fiducia/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectOnlyInputErrors } from '../test/generated.ts'
import { bytes, ledgerKey, logKey, net, policy, trustRecord, witnessKey } from '../test/network.ts'
import { equalTrustPolicies, formatTrustPolicy, MAX_TRUST_POLICY_LINES, parseTrustPolicy, trustPolicyOf } from './index.ts'

const text = formatTrustPolicy(policy)
const without = (pattern: RegExp) => text.replace(pattern, '')

describe('a tlog-policy', () => {
  it('is read as it was written, comments and URLs aside', () => {
    expect(parseTrustPolicy(text)).toEqual(policy)
    const commented = `# who is trusted\n\n${text.replaceAll(/^(log .*)$/gm, '$1 https://log.example')}`
    expect(parseTrustPolicy(commented)).toEqual(policy)
  })

  it('is the same trust in whatever order', () => {
    const turned = { ...policy, logs: policy.logs.toReversed(), groups: policy.groups.toReversed() }
    expect(equalTrustPolicies(turned, parseTrustPolicy(text))).toBe(true)
    expect(equalTrustPolicies({ ...policy, quorum: 2 }, policy)).toBe(false)
    expect(equalTrustPolicies({ ...policy, logs: policy.logs.slice(1) }, policy)).toBe(false)
    expect(
      equalTrustPolicies({ ...policy, groups: policy.groups.map((group, i) => (i === 0 ? { ...group, witnesses: [witnessKey('alpha', 2)] } : group)) }, policy),
    ).toBe(false)
  })

  it('keeps two keys of one witness apart', () => {
    const rotating = {
      ...policy,
      groups: policy.groups.map((group, i) => (i === 0 ? { ...group, witnesses: [witnessKey('alpha'), witnessKey('alpha', 2)] } : group)),
    }
    expect(parseTrustPolicy(formatTrustPolicy(rotating))).toEqual(rotating)
  })

  it.each([
    ['no log', without(/^log .*\n/gm)],
    ['no quorum line', without(/^quorum .*\n/m)],
    ['no group of groups', without(/^group quorum .*\n/m)],
    ['something after the quorum', `${text}log ${formatVerifierKey(logKey('gamma', 1))}\n`],
    ['a log twice', `log ${formatVerifierKey(ledgerKey)}\n${text}`],
    ['a witness as a log', `log ${formatVerifierKey(witnessKey('alpha'))}\n${text}`],
    ['a log as a witness', `witness w ${formatVerifierKey(ledgerKey)}\n${text}`],
    ['a witness twice under two names', `witness again ${formatVerifierKey(witnessKey('alpha'))}\n${text}`],
    ['a group that counts more than once', text.replace('group group-alpha any', 'group group-alpha 2')],
    ['a witness that is not listed', without(/^witness .*\n/m)],
    ['a quorum of none of the groups', text.replace('group quorum 3', 'group quorum 0')],
    ['a quorum of more than all', text.replace('group quorum 3', 'group quorum 5')],
    ['a group named twice in the quorum', text.replace(/^(group quorum .*)$/m, '$1 group-alpha')],
    ['the name none', text.replaceAll('group-alpha', 'none')],
    ['a quorum of one witness', text.replace('quorum quorum\n', 'quorum group-alpha\n')],
    ['a word that is none of the format', `trust me\n${text}`],
    ['a log with two URLs', text.replace(/^(log .*)$/m, '$1 https://a.example https://b.example')],
    ['a witness without a key', `witness lonely\n${text}`],
    ['a group without members', `group lonely any\n${text}`],
    ['two groups of groups', text.replace(/^quorum quorum$/m, 'group again 1 group-alpha group-beta\nquorum quorum')],
    ['two quorums on one line', text.replace(/^quorum quorum$/m, 'quorum quorum none')],
    ['more lines than anybody needs', `${'witness\n'.repeat(2001)}${text}`],
    ['more bytes than anybody needs', `#${' '.repeat(256 * 1024)}\n${text}`],
  ])('is refused with %s', (_, wrong) => {
    expect(wrong).not.toBe(text)
    expect(() => parseTrustPolicy(wrong)).toThrow(InputError)
  })

  it('counts no witness for two groups', () => {
    const twice = text
      .replace('group group-beta any', `group group-extra any ${witnessKey('alpha').name}\ngroup group-beta any`)
      .replace('group quorum 3', 'group quorum 3 group-extra')
    expect(() => parseTrustPolicy(twice)).toThrow('two groups')
  })

  it('is understood or refused, whatever the text', () => expectOnlyInputErrors(parseTrustPolicy, text))

  it('is read line by line, however many keys it names', () => {
    const keys = Array.from({ length: MAX_TRUST_POLICY_LINES - 1 }, (_, i) => formatVerifierKey(makeVerifierKey(`log-${i}`, KEY_TYPE_LOG, bytes(`${i}`))))
    const many = [...keys.map((key) => `log ${key}`), 'quorum none'].join('\n')
    expect(parseTrustPolicy(many).logs.length).toBe(keys.length)
    expect(() => parseTrustPolicy(many.replace(keys[7] ?? '', keys[8] ?? ''))).toThrow('stands twice')
  })

  it('asks for the quorum of the protocol', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(6), (count, quorum) => {
        const record = trustRecord(1, 1)
        const groups = Object.fromEntries(Object.entries(record.groups).slice(0, count))
        const expected = count === 1 ? 0 : Math.floor((count - 1) / 2) + 2
        const work = () => trustPolicyOf({ ...record, groups, quorum }, net)
        if (quorum === expected) expect(work().quorum).toBe(expected)
        else expect(work).toThrow('quorum')
      }),
    )
  })

  it('is made from no record with foreign, unsorted or doubled keys', () => {
    const record = trustRecord(1, 1)
    expect(equalTrustPolicies(trustPolicyOf(record, net), policy)).toBe(true)
    expect(() => trustPolicyOf(record, parseNetworkId('other'))).toThrow('names of network')
    expect(() => trustPolicyOf({ ...record, logs: record.logs.toReversed() }, net)).toThrow('sorted')
    expect(() => trustPolicyOf({ ...record, groups: { ...record.groups, 'group-alpha': record.groups['group-beta'] ?? [] } }, net)).toThrow('two groups')
  })
})
