import { type CompiledPolicy, compileAll, couldPermit, type Question } from '@fiducia/consent'
import { type Handle, type OrganizationId, parseHandle } from '@fiducia/core'
import { checkLink, groupOf, roleIdOf, roleStatus, rules } from '@fiducia/ledger'
import type { RoleDirectory, RoleWord } from '../directory/role-word.ts'
import type { NodeContext } from '../node-context.ts'
import type { CosignedHead, CosignedHeads } from '../peers/cosigned-head.ts'
import type { Holder, HeldRelationship } from '../relationships/holder.ts'
import type { Consulted, PolicyVersions } from '../relationships/policy-versions.ts'
import type { AccessRequest } from './access-request.ts'

/**
 * The gates before any resource is looked at, in the order of DESIGN section 5. Each refusal has a code that only the
 * patient sees (it stands in the decision record); the requester is told that the request was refused, not why.
 */
export const GATE_REFUSALS = {
  NO_LINK: 'the requester holds no link of the patient that is valid now',
  NODE_BEHIND: 'no fresh checkpoint that a quorum cosigned was at hand',
  RELATIONSHIP_CLOSED: 'the relationship is closed',
  ROLE_NOT_ATTESTED: 'nobody outside the requester’s group vouches for this practitioner’s role, or too few do',
  ROLE_STALE: 'what the directory says of this practitioner’s role is older than its verify-by date',
  ROLE_CONTESTED: 'members contradict each other about this practitioner’s role',
  ROLE_DEPARTED: 'the practitioner has left this role',
  POLICY_UNCONFIRMED: 'this organization was restored from an older copy, and the patient has not signed since: restrictions may be forgotten here',
  NO_CONSENT: 'no policy of the patient permits anything of this kind to this actor for this purpose',
} as const
export type GateRefusal = keyof typeof GATE_REFUSALS

export interface Gates {
  /** The relationship that the link names, when the link holds; undefined for every other request, whatever the reason. */
  findRelationship(request: AccessRequest, requester: OrganizationId, instant: number): HeldRelationship | undefined
  /** The policies compiled for this request at this instant, or why nothing may be released. */
  decide(relationship: HeldRelationship, request: AccessRequest, requester: OrganizationId, instant: number): GateDecision
}

export interface GateDecision {
  readonly refusal: GateRefusal | undefined
  readonly compiled: readonly CompiledPolicy[]
  readonly consulted: Consulted
  /** The head that the receipt proves; absent when the node has never seen a quorum. */
  readonly cosigned: CosignedHead | undefined
  readonly instant: number
}

export interface GatePorts {
  readonly holder: Holder
  readonly policies: PolicyVersions
  readonly heads: CosignedHeads
  readonly roles: RoleDirectory
}

export function createGates(context: NodeContext, { holder, policies, heads, roles }: GatePorts): Gates {
  const { ledger } = context

  function question(request: AccessRequest, requester: OrganizationId, instant: number): Question {
    const { details, interaction } = request
    const group = groupOf(ledger.tip(), requester)
    return {
      actor: {
        identifiers: [details.practitioner],
        organization: requester,
        roles: details.role === undefined ? [] : [details.role.opening.code],
        ...(group === undefined ? {} : { group }),
      },
      purposes: [details.purpose],
      action: interaction.kind,
      at: instant,
      default: rules(ledger.tip()).default,
      careRelationship: true,
    }
  }

  /**
   * The opening must be of this practitioner at this requester, and nothing in the directory may speak against the role. Then either the
   * directory has it, or two groups vouch for it, one of them not the requester's.
   */
  function roleRefusal({ details }: AccessRequest, requester: OrganizationId, instant: number): GateRefusal | undefined {
    const group = groupOf(ledger.tip(), requester)
    if (details.role === undefined || group === undefined) return 'ROLE_NOT_ATTESTED'
    const { opening, rand32 } = details.role
    if (opening.org !== requester || opening.practitioner !== details.practitioner) return 'ROLE_NOT_ATTESTED'
    const word = roles.wordOn(opening, group, instant)
    const against = word === undefined ? undefined : AGAINST_ROLE[word.state]
    if (against !== undefined) return against
    const counts = word?.counts === true || roleStatus(ledger.tip(), roleIdOf(opening, rand32), group, instant).counts
    return counts ? undefined : 'ROLE_NOT_ATTESTED'
  }

  return {
    findRelationship({ details }, requester, instant) {
      const handle = handleOfLink(details.link?.body['handle'])
      const relationship = handle === undefined ? undefined : holder.find(handle)
      if (relationship === undefined || details.link === undefined) return undefined
      const cosignedHeight = heads.newest?.block.height ?? 0
      const { head, unlinked } = policies.consult(relationship.handle, { instant, cosignedHeight })
      if (head === undefined || head.status === 'closed') return undefined
      const verdict = checkLink(details.link, { net: context.net, head, handle: relationship.handle, holder: context.org, requester, instant })
      return verdict.ok && !unlinked.has(verdict.hash) ? relationship : undefined
    },
    decide(relationship, request, requester, instant) {
      const cosigned = heads.fresh(context.clock.now())
      const consulted = policies.consult(relationship.handle, { instant, cosignedHeight: (cosigned ?? heads.newest)?.block.height ?? 0 })
      const compiled = compileAll(consulted.versions, question(request, requester, instant))
      const refusal = firstRefusal([
        ['NODE_BEHIND', cosigned === undefined],
        ['RELATIONSHIP_CLOSED', consulted.head === undefined || consulted.head.status === 'closed'],
        ['POLICY_UNCONFIRMED', policies.isUnconfirmed(relationship.handle)],
        ...roleGate(roleRefusal(request, requester, instant)),
        ['NO_CONSENT', compiled.length === 0 || !compiled.every(couldPermit)],
      ])
      return { refusal, compiled, consulted, cosigned: cosigned ?? heads.newest, instant }
    },
  }
}

/** States of a role in which nobody's word for it counts. */
const AGAINST_ROLE: { readonly [state in RoleWord['state']]?: GateRefusal } = { stale: 'ROLE_STALE', contested: 'ROLE_CONTESTED', departed: 'ROLE_DEPARTED' }

const roleGate = (refusal: GateRefusal | undefined): readonly (readonly [GateRefusal, boolean])[] => (refusal === undefined ? [] : [[refusal, true]])

function firstRefusal(gates: readonly (readonly [GateRefusal, boolean])[]): GateRefusal | undefined {
  return gates.find(([, closed]) => closed)?.[0]
}

function handleOfLink(value: unknown): Handle | undefined {
  try {
    return parseHandle(value)
  } catch {
    return undefined
  }
}
