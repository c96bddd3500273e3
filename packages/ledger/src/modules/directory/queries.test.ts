import { parseGroupId } from '@fiducia/core'
import { expect, it } from 'vitest'
import { scenario } from '../../../test/scenario.ts'
import { alder, birch, bytes32, nodeSeed, START, transaction, ORGS } from '../../../test/world.ts'
import { roleStatus } from './queries.ts'

const role = bytes32('role')
const say = (org: (typeof ORGS)[number], version: number, type: 'role.attest' | 'role.withdraw' = 'role.attest') =>
  transaction(type, { role, version, expires: START + 1_000 }, START, nodeSeed(org))
const elm = ORGS[4] ?? birch
const [alderGroup, birchGroup] = [parseGroupId('alder-group'), parseGroupId('birch-group')]

it('counts with live attestations of two groups, so one is outside that of the requester', () => {
  const one = scenario()
  const counts = (t = START) => [alderGroup, birchGroup].map((group) => roleStatus(one.state, role, group, t).counts)
  expect(counts()).toEqual([false, false])
  one.put(say(birch, 1))
  expect(counts()).toEqual([false, false])
  expect([one.put(say(elm, 1)), one.put(say(elm, 2))]).toEqual(['ROLE_VERSION', 'ok'])
  expect(counts()).toEqual([false, false])
  one.put(say(alder, 1))
  expect(counts()).toEqual([true, true])
  expect(roleStatus(one.state, role, birchGroup, START)).toEqual({ counts: true, live: [alderGroup, birchGroup], outside: [alderGroup] })
  expect([counts(START + 1_000), counts(START + 1_001)]).toEqual([
    [true, true],
    [false, false],
  ])
  one.put(say(birch, 3, 'role.withdraw'))
  expect(counts()).toEqual([false, false])
  expect(one.put(say(birch, 3))).toBe('ROLE_VERSION')
})
