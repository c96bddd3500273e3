import { CONFIDENTIALITY, type Grant, type Policy, type Question, type ResourceFacts, spanOfDate } from '@fiducia/consent'
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'

/**
 * The policy of the consent benchmark in Cedar, for Cedar's own engine: one `permit` or `forbid` for each grant, the facts
 * of a resource in the context. Only what that policy uses is translated; the benchmark checks that every answer is the same.
 */
export function decideWithCedar(policy: Policy, question: Question): (facts: ResourceFacts) => 'permit' | 'deny' {
  const parsed = preparsePolicySet('consent', { staticPolicies: policy.grants.map(policyText).join('\n') })
  if (parsed.type === 'failure') throw new Error(`Cedar refuses the policy: ${parsed.errors.map(({ message }) => message).join('; ')}`)
  const [purpose = ''] = question.purposes
  const principal = { type: 'Organization', id: question.actor.organization ?? '' }
  const action = { type: 'Action', id: question.action }
  return (facts) => {
    const answer = statefulIsAuthorized({
      principal,
      action,
      resource: { type: 'Data', id: facts.ref },
      context: {
        purpose,
        type: facts.type,
        level: CONFIDENTIALITY.indexOf(facts.confidentiality),
        categories: [...facts.categories],
        from: facts.period?.from ?? 0,
        until: facts.period?.until ?? Number.MAX_SAFE_INTEGER,
      },
      preparsedPolicySetId: 'consent',
      entities: [],
    })
    if (answer.type === 'failure') throw new Error('Cedar cannot answer')
    return answer.response.decision === 'allow' ? 'permit' : 'deny'
  }
}

function policyText({ effect, recipients, purposes, actions, data = {} }: Grant): string {
  const quoted = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`
  const conditions: string[] = []
  const [recipient] = recipients ?? []
  const head = recipient?.organization === undefined ? 'principal' : `principal == Organization::${JSON.stringify(recipient.organization)}`
  if (purposes !== undefined) conditions.push(`${quoted(purposes)}.contains(context.purpose)`)
  if (data.types !== undefined) conditions.push(`${quoted(data.types)}.contains(context.type)`)
  if (data.confidentiality !== undefined) conditions.push(`context.level ${effect === 'permit' ? '<=' : '>='} ${CONFIDENTIALITY.indexOf(data.confidentiality)}`)
  if (data.categories !== undefined) conditions.push(`context.categories.containsAny(${quoted(data.categories)})`)
  if (data.period !== undefined) {
    const [from, until] = [spanOfDate(data.period.from)?.from ?? 0, spanOfDate(data.period.until)?.until ?? 0]
    conditions.push(`context.until >= ${from} && context.from <= ${until}`)
  }
  const items = (data.items ?? []).filter((item) => typeof item === 'string').map((item) => `Data::${JSON.stringify(item)}`)
  const action = actions === undefined ? 'action' : `action in [${actions.map((one) => `Action::${JSON.stringify(one)}`).join(', ')}]`
  const resource = items.length === 0 ? 'resource' : `resource == ${items[0] ?? ''}`
  const when = conditions.length === 0 ? '' : ` when { ${conditions.join(' && ')} }`
  return `${effect === 'permit' ? 'permit' : 'forbid'} (${head}, ${action}, ${resource})${when};`
}
