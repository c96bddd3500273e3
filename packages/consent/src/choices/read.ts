import { exceptionsOf } from '../scope.ts'
import { type Category, type Grant, type Item, type Policy, type Recipient } from '../types.ts'
import { type Approval, type Block, type Choices, isSomebody, keyOf, type Preset } from './choices.ts'
import { defined, stated } from '../stated.ts'
import { ANYONE, APPROVED_LATER, approvalScopes, blockGrants, hideGrants, presetGrants } from './grants.ts'
import { inOrder, normalizeChoices } from './normalize.ts'

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

/** Which topics are on stands in a permit, and who is approved in the exceptions of a deny; each grant that could be one of these is tried. */
function readPreset(preset: Preset, grants: readonly Grant[]): PresetRead | undefined {
  for (const root of grants.filter(isDenyOfEverything)) {
    for (const switches of [...grants.filter(isOfTopics), undefined]) {
      const shared = inOrder(switches?.data?.categories)
      const approved = readApprovals({ grants, shared, root: preset === 'closed' ? undefined : root })
      const rest = without(grants, presetGrants({ preset, shared, approved }))
      if (rest !== undefined) return { choices: { preset, ...stated({ shared, approved }) }, rest }
    }
  }
  return undefined
}

const isDenyOfEverything = (grant: Grant): boolean => keyOf({ ...grant, except: undefined }) === keyOf({ effect: 'deny', recipients: ANYONE })
const isOfTopics = ({ effect, recipients, data }: Grant): boolean =>
  effect === 'permit' && data?.categories !== undefined && [keyOf(ANYONE), keyOf(APPROVED_LATER)].includes(keyOf(recipients))

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

interface ApprovalSearch {
  readonly grants: readonly Grant[]
  readonly shared: readonly Category[]
  /** The deny that lets the approved through; absent where none does. */
  readonly root: Grant | undefined
}

/** An approval is a permit of what is not sensitive which the preset's deny lets through; a permit of topics may stand beside it. */
function readApprovals({ grants, shared, root }: ApprovalSearch): readonly Approval[] {
  const through = root === undefined ? undefined : new Set(exceptionsOf(root).map(keyOf))
  const permits = grants
    .filter(({ effect }) => effect === 'permit')
    .map((grant) => ({ grant, key: scopeKey(grant) }))
    .filter(({ key }) => through?.has(key) !== false)
  const approved: Approval[] = []
  for (const { grant } of permits) {
    const group = readApproval(grant)
    if (group === undefined) continue
    // The permit of the topics that are on is no approval of its own, unless it stands there twice.
    const ofTopics = new Set(approvalScopes(group, shared).topics.map(keyOf))
    const named = permits.find((one) => sameBut(one.grant, grant) && !ofTopics.delete(one.key))
    approved.push(...group.map((one) => ({ ...one, ...stated({ categories: inOrder(named?.grant.data?.categories) }) })))
  }
  return normalizeChoices({ preset: 'ask-me', approved }).approved ?? []
}

/** A permit with an exception is no choice, so it has no scope of its own here. */
const scopeKey = (grant: Grant): string => keyOf({ ...grant, effect: undefined })

/** Whether two grants differ in their labels only, and the first is about topics. */
function sameBut(topics: Grant, everyday: Grant): boolean {
  const { categories, ...data } = topics.data ?? {}
  return categories !== undefined && keyOf({ ...topics, data: { confidentiality: 'N', ...data } }) === keyOf(everyday)
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

function readRestrictions(grants: readonly Grant[]): Restrictions {
  let blocked: readonly Block[] = []
  let hidden: readonly string[] = []
  const further: Grant[] = []
  for (const grant of grants) {
    const items = hidden.length === 0 ? readHidden(grant) : undefined
    const more = items === undefined ? withBlock(blocked, grant) : undefined
    if (items !== undefined) hidden = items
    else if (more !== undefined) blocked = more
    else further.push(grant)
  }
  return { blocked, hidden, further }
}

function readHidden(grant: Grant): readonly string[] | undefined {
  const items = (grant.data?.items ?? []).filter(isName)
  const { hidden = [] } = normalizeChoices({ preset: 'own', hidden: items })
  return keyOf(hideGrants(hidden)) === keyOf([grant]) ? hidden : undefined
}

const isName = (item: Item): item is string => typeof item === 'string'

/** The blocks with those of the grant, if all of them together still give these grants and no others. */
function withBlock(blocked: readonly Block[], grant: Grant): readonly Block[] | undefined {
  const people = grant.effect === 'deny' ? readPeople(grant.recipients) : undefined
  if (people === undefined) return undefined
  const terms = stated({ categories: grant.data?.categories, types: grant.data?.types, until: grant.valid?.until })
  const { blocked: all = [] } = normalizeChoices({ preset: 'own', blocked: [...blocked, ...people.map((who) => ({ who, ...terms }))] })
  return keyOf(blockGrants(all)) === keyOf([...blockGrants(blocked), grant]) ? all : undefined
}
