import { exceptionsOf } from '../scope.ts'
import { type Category, type Grant, type Item, type Policy, type Recipient } from '../types.ts'
import { type Approval, type Block, type Choices, isSomebody, keyOf, type Preset } from './choices.ts'
import { defined, stated } from '../stated.ts'
import { ANYONE, approvalScopes, blockGrants, hideGrants, presetGrants, switchScope } from './grants.ts'
import { inOrder, normalizeChoices, termsKey } from './normalize.ts'
import { MAX_READINGS } from '../limits.ts'

/**
 * The choices that a policy says. Nothing is guessed: a choice is read out of grants only if it gives exactly these grants
 * again; every other grant comes back word for word in `further`. So `policyOf(choicesOf(policy))` is the same policy, up
 * to the order of its grants, for any policy at all.
 */
export function choicesOf(policy: Policy): Choices {
  const { grants, preset, until, replaces, unlinked, filters } = policy
  const found = preset === undefined ? undefined : readPreset(preset, grants)
  const { blocked, hidden, further } = readRestrictions(found?.rest ?? grants)
  return normalizeChoices({
    ...(found?.choices ?? { preset: 'own', ...stated({ named: preset }) }),
    ...stated({ blocked, hidden, further }),
    ...defined({ until, replaces, unlinked, filters }),
  })
}

interface PresetRead {
  readonly choices: Choices
  readonly rest: readonly Grant[]
}

/** Which topics are on stands in a permit, and who is approved in the exceptions of a deny; the reading that says most comes first. */
function readPreset(preset: Preset, grants: readonly Grant[]): PresetRead | undefined {
  const switches = [...grants.filter((grant) => isOfTopics(preset, grant)), undefined]
  const roots = grants.filter(isDenyOfEverything).sort((a, b) => exceptionsOf(b).length - exceptionsOf(a).length)
  const readings = roots.flatMap((root) => switches.map((topics) => ({ root, shared: inOrder(topics?.data?.categories) })))
  const permits = grants.filter(({ effect }) => effect === 'permit').map(readPermit)
  for (const { root, shared } of readings.slice(0, MAX_READINGS)) {
    const approved = readApprovals({ permits, shared, root: preset === 'closed' ? undefined : root })
    const rest = without(grants, presetGrants({ preset, shared, approved }))
    if (rest !== undefined) return { choices: { preset, ...stated({ shared, approved }) }, rest }
  }
  return undefined
}

const isDenyOfEverything = (grant: Grant): boolean => keyOf({ ...grant, except: undefined }) === keyOf({ effect: 'deny', recipients: ANYONE })
/** Whether a grant is the permit of the topics that are on, and nothing besides. */
function isOfTopics(preset: Preset, grant: Grant): boolean {
  const shared = inOrder(grant.data?.categories)
  return shared.length > 0 && keyOf(grant) === keyOf({ effect: 'permit', ...switchScope(preset, shared) })
}

/** `undefined` unless each of `part` is there, as often as it is named. */
function without(all: readonly Grant[], part: readonly Grant[]): readonly Grant[] | undefined {
  const missing = part.map(keyOf)
  const rest = all.filter((grant) => {
    const at = missing.indexOf(keyOf(grant))
    if (at >= 0) missing.splice(at, 1)
    return at < 0
  })
  return missing.length === 0 ? rest : undefined
}

interface Permit {
  readonly categories: readonly Category[] | undefined
  /** Its scope. */
  readonly key: string
  /** The scope of the permit that a permit of topics would stand beside. */
  readonly besides: string | undefined
  /** Those whom it approves of. */
  readonly group: Group | undefined
}

const readPermit = (grant: Grant): Permit => ({
  categories: grant.data?.categories,
  key: scopeKey(grant),
  besides: besidesKey(grant),
  group: readApproval(grant),
})

interface ApprovalSearch {
  readonly permits: readonly Permit[]
  readonly shared: readonly Category[]
  /** The deny that lets the approved through; absent where none does. */
  readonly root: Grant | undefined
}

/** An approval is a permit of what is not sensitive which the preset's deny lets through; a permit of topics may stand beside it. */
function readApprovals({ permits, shared, root }: ApprovalSearch): readonly Approval[] {
  const through = root === undefined ? undefined : new Set(exceptionsOf(root).map(keyOf))
  const open = permits.filter(({ key }) => through?.has(key) !== false)
  const approved: Approval[] = []
  for (const { group, key } of open) {
    if (group === undefined) continue
    // The permit of the topics that are on is no approval of its own, unless it stands there twice.
    const ofTopics = new Set(approvalScopes(group, shared).topics.map(keyOf))
    const named = open.find((one) => one.besides === key && !ofTopics.delete(one.key))
    approved.push(...group.map((one) => ({ ...one, ...stated({ categories: inOrder(named?.categories) }) })))
  }
  return normalizeChoices({ preset: 'ask-me', approved }).approved ?? []
}

/** A permit with an exception is no choice, so it has no scope of its own here. */
const scopeKey = (grant: Grant): string => keyOf({ ...grant, effect: undefined })

function besidesKey(grant: Grant): string | undefined {
  const { categories, ...data } = grant.data ?? {}
  return categories === undefined ? undefined : scopeKey({ ...grant, data: { confidentiality: 'N', ...data } })
}

type Group = readonly [Approval, ...Approval[]]

/** Those whom a permit of what is not sensitive approves of, without topics. */
function readApproval(grant: Grant): Group | undefined {
  const people = readPeople(grant.recipients)
  if (people === undefined || grant.data?.confidentiality !== 'N') return undefined
  const terms = stated({ types: grant.data.types, purposes: grant.purposes, until: grant.valid?.until })
  const [first, ...others] = normalizeChoices({ preset: 'ask-me', approved: people.map((who) => ({ who, ...terms })) }).approved ?? []
  if (first === undefined) return undefined
  const group: Group = [first, ...others]
  return keyOf({ effect: 'permit', ...approvalScopes(group, []).everyday }) === keyOf(grant) ? group : undefined
}

const readPeople = (recipients: readonly Recipient[] | undefined) => (recipients?.every(isSomebody) === true ? recipients : undefined)

interface Restrictions {
  readonly blocked: readonly Block[]
  readonly hidden: readonly string[]
  readonly further: readonly Grant[]
}

/** Blocks are read as long as no two of them would become one. */
function readRestrictions(grants: readonly Grant[]): Restrictions {
  const blocked: Block[] = []
  const further: Grant[] = []
  const taken = new Set<string>()
  let hidden: readonly string[] = []
  for (const grant of grants) {
    const items = hidden.length === 0 ? readHidden(grant) : undefined
    const blocks = items === undefined ? readBlocks(grant) : undefined
    const keys = blocks?.flatMap((one) => [termsKey(one), keyOf({ ...one, categories: undefined })])
    if (items !== undefined) hidden = items
    else if (blocks === undefined || keys?.some((key) => taken.has(key)) !== false) further.push(grant)
    else {
      blocked.push(...blocks)
      for (const key of keys) taken.add(key)
    }
  }
  return { blocked, hidden, further }
}

function readHidden(grant: Grant): readonly string[] | undefined {
  const items = (grant.data?.items ?? []).filter(isName)
  const { hidden = [] } = normalizeChoices({ preset: 'own', hidden: items })
  return keyOf(hideGrants(hidden)) === keyOf([grant]) ? hidden : undefined
}

const isName = (item: Item): item is string => typeof item === 'string'

/** Those whom a deny blocks, if that gives the same grant again. */
function readBlocks(grant: Grant): readonly Block[] | undefined {
  const people = grant.effect === 'deny' ? readPeople(grant.recipients) : undefined
  if (people === undefined) return undefined
  const terms = stated({ categories: grant.data?.categories, types: grant.data?.types, until: grant.valid?.until })
  const { blocked = [] } = normalizeChoices({ preset: 'own', blocked: people.map((who) => ({ who, ...terms })) })
  return keyOf(blockGrants(blocked)) === keyOf([grant]) ? blocked : undefined
}
