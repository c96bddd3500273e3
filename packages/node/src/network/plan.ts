import type { GroupId, NetworkId, OrganizationId } from '@fiducia/core'
import { type NetworkRules, quorumOfGroups } from '@fiducia/ledger'
import type { KeyTexts } from './key-files.ts'

/** A network that is to be made: what a manifest says, checked. */
export interface NetworkPlan {
  readonly net: NetworkId
  readonly operator: OrganizationId
  readonly rules: NetworkRules
  readonly members: readonly PlannedMember[]
}

interface MemberFace {
  readonly org: OrganizationId
  readonly name: string
  readonly group: GroupId
  /** Base URL, the one on the ledger. */
  readonly endpoint: string
  /** Follows the ledger and cosigns; holds no records. */
  readonly witnessOnly: boolean
}

/** A member whose configuration is made here. */
export interface HostedMember extends MemberFace {
  readonly listen: Listen
  /** Undefined for a witness. */
  readonly silo: SiloAddress | undefined
  /** Absolute paths of keys that exist; the others are made. */
  readonly keyFiles: KeyTexts
}

/** A member that made its keys itself and shows the public ones, base64url. */
export interface RemoteMember extends MemberFace {
  readonly publicKeys: KeyTexts
}

export type PlannedMember = HostedMember | RemoteMember

export interface Listen {
  readonly host: string
  readonly port: number
}

export interface SiloAddress {
  readonly base: string
  readonly bearer?: string | undefined
}

export const isRemote = (member: PlannedMember): member is RemoteMember => 'publicKeys' in member

export const groupsOf = ({ members }: Pick<NetworkPlan, 'members'>): number => new Set(members.map(({ group }) => group)).size

/** Groups that must cosign; 0 when a single one has nobody to witness it. */
export const quorumOf = (plan: Pick<NetworkPlan, 'members'>): number => quorumOfGroups(groupsOf(plan))

/** What somebody should know before such a network starts (PROTOCOL section 2, Quorum). */
export function warningsOf(plan: Pick<NetworkPlan, 'members'>): readonly string[] {
  const groups = groupsOf(plan)
  if (groups === 1) return ['one group is unwitnessed: nobody but the operator stands for what the ledger says; expected at least 4 groups']
  if (groups >= 4) return []
  return [`of ${groups} groups all ${groups} must cosign: when one is down, everything is denied; expected at least 4 groups, which bear that one is down`]
}
