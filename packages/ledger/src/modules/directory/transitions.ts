import { refuse } from '../../refusals.ts'
import { nodeSigner, noNodeKey, requireSigners } from '../../signers.ts'
import { accept, type Judging, type Outcome } from '../../transition.ts'
import { groupOf } from '../membership/queries.ts'
import { roleKey, roleRecord } from './queries.ts'
import type { RoleStatement } from './types.ts'

/** A group vouches for a role, or no longer does. All members of a group speak with one voice, in one row of versions. */

function stateRole(judging: Judging, { role, version, expires }: RoleStatement, withdrawn: boolean): Outcome {
  const signer = nodeSigner(judging)
  const group = signer === undefined ? undefined : groupOf(judging.state, signer.org)
  if (signer === undefined || group === undefined) return noNodeKey()
  const expected = (roleRecord(judging.state, role, group)?.version ?? 0) + 1
  if (version !== expected) return refuse('ROLE_VERSION', `expected version ${expected} of \`${group}\`, found ${version}`)
  return requireSigners(judging, signer.publicKey) ?? accept({ key: roleKey(role, group), value: { version, expires, withdrawn } })
}

export const attestRole = (judging: Judging, statement: RoleStatement): Outcome => stateRole(judging, statement, false)

export const withdrawRole = (judging: Judging, statement: RoleStatement): Outcome => stateRole(judging, statement, true)
