import { InputError, type Parser, shape } from '@fiducia/core'
import { MAX_ALTERNATIVES, MAX_FILTERS, MAX_GRANTS, MAX_REPLACES, MAX_UNLINKED } from '../limits.ts'
import { policyParts } from '../policy.ts'
import { type Approval, type Block, type Choices, isSomebody, PRESETS, type Somebody } from './choices.ts'
import { policyOf } from './grants.ts'

/** Choices as a document, parsed like a policy: strictly, all faults at once, unknown members refused. */

const { bytes32, categories, grant, instant, listOf, purposes, recipient, reference, selector, types } = policyParts

const somebody: Parser<Somebody> = (value, at) => {
  const parsed = recipient(value, at)
  if (isSomebody(parsed)) return parsed
  throw new InputError('SHAPE', 'expected somebody in particular, found `anyone` or a name that led to nobody', { at })
}

/** A deny means each of several members, so "this person at that place" would block the whole place. */
const oneWay: Parser<Somebody> = (value, at) => {
  const parsed = somebody(value, at)
  if (Object.keys(parsed).length === 1) return parsed
  throw new InputError('SHAPE', `expected one member that says who is blocked, found ${Object.keys(parsed).length}`, { at })
}

const approval: Parser<Approval> = shape.object({ who: somebody }, { categories, types, purposes, until: instant })
const block: Parser<Block> = shape.object({ who: oneWay }, { categories, types, until: instant })

const choices: Parser<Choices> = shape.object(
  { preset: shape.literal(...PRESETS, 'own') },
  {
    named: shape.literal(...PRESETS),
    shared: categories,
    approved: listOf(approval),
    blocked: listOf(block),
    hidden: listOf(reference),
    until: instant,
    further: shape.array(grant, MAX_GRANTS),
    replaces: shape.array(bytes32, MAX_REPLACES),
    unlinked: shape.array(bytes32, MAX_UNLINKED),
    filters: shape.map(bytes32, selector, MAX_FILTERS),
  },
)

/** Throws an `InputError` that names every fault, also for choices that make more grants than a policy may have. */
export function parseChoices(value: unknown): Choices {
  const parsed = choices(value, '')
  const { grants } = policyOf(parsed)
  const most = Math.max(...grants.map(({ recipients, except }) => Math.max(recipients?.length ?? 0, Array.isArray(except) ? except.length : 0)), 0)
  if (grants.length > MAX_GRANTS) throw new InputError('SHAPE', `expected choices of at most ${MAX_GRANTS} grants, found ${grants.length}`)
  if (most > MAX_ALTERNATIVES) throw new InputError('SHAPE', `expected at most ${MAX_ALTERNATIVES} alternatives in one grant, found ${most}`)
  return parsed
}
