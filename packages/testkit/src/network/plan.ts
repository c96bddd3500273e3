import { type GroupId, type OrganizationId, parseGroupId, parseNetworkId, parseOrganizationId } from '@fiducia/core'

/** The demo network: four organizations of four groups; Alder's node orders the ledger. */
export interface MemberPlan {
  readonly org: OrganizationId
  readonly name: string
  readonly group: GroupId
}

const plan = (org: string, name: string): MemberPlan => ({ org: parseOrganizationId(org), name, group: parseGroupId(`group-${org}`) })

export const DEMO_NET = parseNetworkId('demo')
export const ALDER = plan('alder', 'Alder General Hospital')
export const BIRCH = plan('birch', 'Birch Family Practice')
export const CEDAR = plan('cedar', 'Cedar Heart Clinic')
export const DUNE = plan('dune', 'Dune Health Plan')
export const DEMO_MEMBERS: readonly MemberPlan[] = [ALDER, BIRCH, CEDAR, DUNE]

/** As people call the organization. */
export const nameOf = (org: string): string => DEMO_MEMBERS.find((member) => member.org === org)?.name ?? org

export const DEMO_OPERATOR = ALDER.org
/** Keeps the ciphertexts of wallets' seeds. */
export const DEMO_CUSTODIAN = DUNE.org
