import { encodeBase64Url, encodeUtf8, parseBytes32, parseGroupId, sha256 } from '@fiducia/core'
import { roleRecord } from '@fiducia/ledger'
import { expect, it } from 'vitest'
import { scenario } from '../../../../ledger/test/scenario.ts'
import { alder, DAY, GROUPS, nodeSeed, START, transaction } from '../../../../ledger/test/world.ts'

/** The model `Roles`: one group's statements about one role. */

it('Roles_x_noVersion: an attestation that was withdrawn is not accepted again', () => {
  const one = scenario()
  const role = parseBytes32(encodeBase64Url(sha256(encodeUtf8('a role'))))
  const attest = transaction('role.attest', { role, version: 1, expires: START + DAY }, START, nodeSeed(alder))
  const withdraw = transaction('role.withdraw', { role, version: 2, expires: START + DAY }, START, nodeSeed(alder))
  expect([one.put(attest), one.put(withdraw)]).toEqual(['ok', 'ok'])
  expect(one.put(attest), 'attack found: the withdrawn role is back').toBe('ROLE_VERSION')
  expect(roleRecord(one.state, role, parseGroupId(GROUPS[alder]))).toMatchObject({ version: 2, withdrawn: true })
})
