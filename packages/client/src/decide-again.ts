import {
  checkAll,
  type CompiledPolicy,
  compileAll,
  couldPermit,
  type NetworkDefault,
  parsePolicy,
  type PolicyVersion,
  type Question,
  readFacts,
  RULE_SET,
  RULE_SET_ID,
} from '@fiducia/consent'
import { InputError, parseCanonicalString, parseOrganizationId } from '@fiducia/core'
import { referenceOf, versionedReference } from '@fiducia/fhir'
import { readDisclosure, releasedReferences, type SealedContent, type Withheld } from '@fiducia/proofs'
import type { DifferenceCode } from './findings.ts'
import type { RememberedPolicy } from './wallet-state.ts'

/**
 * The patient's own judgement of a logged decision: the same pure code, the policy bodies of the versions that the holder
 * says it used, the own copy of the record. Every difference is shown; what cannot be judged is counted, not passed over.
 *
 * The role by which the practitioner acted and the group of the requester are not in the disclosure; they come from the
 * ledger and from whoever shows the role's opening. Without them a policy that names roles or groups denies more here than
 * there, which would show as a difference: an accusation is never hidden by a guess in the holder's favor.
 */
export interface DecideAgainInput {
  /** Out of the sealed copy. */
  readonly content: SealedContent
  /** The bodies that this wallet signed. */
  readonly policies: readonly RememberedPolicy[]
  /** The own copy of the record at the holder, FHIR R4 resources. */
  readonly resources: readonly unknown[]
  /** Where the record is held. */
  readonly holder: string
  /** The network's default at the decision's height. */
  readonly networkDefault: NetworkDefault
  /** Of the one who asked, at that height. */
  readonly actor: { readonly group?: string; readonly roles: readonly string[] }
}

export interface Difference {
  readonly code: DifferenceCode
  /** `Type/id`, or `*` for the whole request. */
  readonly ref: string
  readonly detail: string
}

export interface DecidedAgain {
  readonly agrees: boolean
  readonly differences: readonly Difference[]
  /** Items on which both came to a verdict. */
  readonly judged: number
  /** Items and refusals that depend on what a patient cannot see (the node's freshness, the directory at that moment). */
  readonly notJudged: number
}

const WHOLE_REQUEST = '*'

interface OwnItem {
  readonly versioned: string
  readonly verdict: { readonly effect: 'permit' | 'deny'; readonly code: string }
}

/** Pure; throws an `InputError` only when the disclosure in the copy cannot be read. */
export function decideAgain(input: DecideAgainInput): DecidedAgain {
  const { decision, disclosure } = input.content
  if (decision.rules !== RULE_SET_ID)
    return conclude([{ code: 'OTHER_RULES', ref: WHOLE_REQUEST, detail: `expected rules \`${RULE_SET_ID}\`, found \`${decision.rules}\`` }], 0, 0)
  const versions = decision.versions.map((version) => ({ version, policy: bodyOf(input.policies, version) }))
  // Version 0 stands for a head without a policy.
  const unknown = versions.filter(({ version, policy }) => version > 0 && policy === 'absent')
  const compiled = compileAll(
    versions.map(({ version, policy }) => versionOf(input.policies, version, policy)),
    questionOf(input),
  )
  const own = ownItems(input, compiled)
  const released = releasedReferences(disclosure).map((reference) => judgeReleased(reference, own))
  const withheld = decision.withheld.map((item) => judgeWithheld(item, own, compiled))
  const all = [...released, ...withheld]
  const differences = [
    ...unknown.map(({ version }): Difference => ({ code: 'POLICY_UNKNOWN', ref: WHOLE_REQUEST, detail: `version ${version}` })),
    ...all.flatMap(({ difference }) => (difference === undefined ? [] : [difference])),
  ]
  return conclude(differences, all.filter(({ judged }) => judged).length, all.filter(({ judged }) => !judged).length)
}

const conclude = (differences: readonly Difference[], judged: number, notJudged: number): DecidedAgain => ({
  agrees: differences.length === 0,
  differences,
  judged,
  notJudged,
})

type Body = Extract<PolicyVersion, string> | ReturnType<typeof parsePolicy>

/** Of several versions signed under one number the newest is meant: an older one was given up. */
function bodyOf(policies: readonly RememberedPolicy[], version: number): Body {
  const known = policies.findLast((policy) => policy.version === version)
  if (known === undefined) return 'absent'
  try {
    return parsePolicy(parseCanonicalString(known.body))
  } catch (error) {
    if (error instanceof InputError) return 'unreadable'
    throw error
  }
}

function versionOf(policies: readonly RememberedPolicy[], version: number, policy: Body): PolicyVersion {
  const expires = policies.findLast((one) => one.version === version)?.expires
  return expires === undefined ? { policy } : { policy, expires }
}

function questionOf({ content, actor, networkDefault }: DecideAgainInput): Question {
  const facts = readDisclosure(content.disclosure)
  return {
    actor: { identifiers: [facts.practitioner], organization: parseOrganizationId(facts.requester), ...actor },
    purposes: [facts.purpose],
    action: actionOf(content.disclosure),
    at: content.decision.instant,
    default: networkDefault,
    careRelationship: true,
  }
}

/** BALP writes a query as action E, everything else that releases as R. */
function actionOf(disclosure: string): Question['action'] {
  const event = parseCanonicalString(disclosure)
  return typeof event === 'object' && event !== null && 'action' in event && event['action'] === 'E' ? 'search' : 'read'
}

function ownItems({ resources, holder }: DecideAgainInput, compiled: readonly CompiledPolicy[]): ReadonlyMap<string, OwnItem> {
  const items = new Map<string, OwnItem>()
  for (const resource of resources) {
    const ref = referenceOf(resource)
    if (ref === undefined) continue
    const verdict = checkAll(
      compiled,
      readFacts(resource, RULE_SET, { narrativeRemoved: true, sources: [holder], links: compiled.some(({ asksForLinks }) => asksForLinks) }),
    )
    items.set(ref, { versioned: versionedReference(resource), verdict: { effect: verdict.effect, code: verdict.reasons[0]?.code ?? 'NOT_COVERED' } })
  }
  return items
}

interface Judgement {
  readonly judged: boolean
  readonly difference?: Difference
}

const differs = (code: DifferenceCode, ref: string, detail: string): Judgement => ({ judged: true, difference: { code, ref, detail } })

function judgeReleased(reference: string, own: ReadonlyMap<string, OwnItem>): Judgement {
  const ref = reference.split('/_history/')[0] ?? reference
  const item = own.get(ref)
  if (item === undefined) return { judged: false, difference: { code: 'RELEASED_UNKNOWN', ref, detail: 'not in the own copy' } }
  if (item.verdict.effect === 'deny') return differs('RELEASED_BUT_DENIED', ref, item.verdict.code)
  if (item.versioned !== reference) return differs('RELEASED_OTHER_VERSION', ref, 'the item has changed since, so the verdict is on another version')
  return { judged: true }
}

function judgeWithheld({ ref, code }: Withheld, own: ReadonlyMap<string, OwnItem>, compiled: readonly CompiledPolicy[]): Judgement {
  if (ref === WHOLE_REQUEST) return judgeRefusal(code, compiled)
  const item = own.get(ref)
  if (item === undefined) return { judged: false, difference: { code: 'WITHHELD_UNKNOWN', ref, detail: 'not in the own copy' } }
  if (item.verdict.effect === 'permit') return differs('WITHHELD_BUT_PERMITTED', ref, code)
  if (item.verdict.code !== code) return differs('WITHHELD_FOR_ANOTHER_REASON', ref, `expected ${item.verdict.code}, found ${code}`)
  return { judged: true }
}

/** Only the lack of consent can be judged from here. */
function judgeRefusal(code: string, compiled: readonly CompiledPolicy[]): Judgement {
  if (code !== 'NO_CONSENT') return { judged: false }
  const permits = compiled.length > 0 && compiled.every(couldPermit)
  return permits ? differs('REFUSED_BUT_PERMITTED', WHOLE_REQUEST, code) : { judged: true }
}
