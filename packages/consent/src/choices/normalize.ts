import { CATEGORIES, type Category } from '../types.ts'
import { type Approval, type Block, type Choices, keyOf, type Somebody } from './choices.ts'
import { defined, stated } from '../stated.ts'

/**
 * The one way to write down what was chosen: each thing once, nothing that says nothing, and those together who have the
 * same terms, since they share a grant.
 */
export function normalizeChoices(choices: Choices): Choices {
  const { preset, named, shared, approved, blocked, hidden, until, further, replaces, unlinked, filters } = choices
  const isOwn = preset === 'own'
  return {
    preset,
    ...stated({
      named: isOwn ? named : undefined,
      shared: isOwn ? undefined : inOrder(shared),
      approved: isOwn ? undefined : together(approved ?? [], (one) => one.who, mergeApprovals),
      blocked: together(blocked ?? [], (one) => one.who, mergeBlocks),
      hidden: once(hidden ?? []),
      until,
      further,
    }),
    // Of these an empty one stays: it is part of the bytes that a head commits to.
    ...defined({ replaces, unlinked, filters }),
  }
}

export const inOrder = (categories: readonly Category[] | undefined): readonly Category[] => CATEGORIES.filter((one) => categories?.includes(one) === true)

export const once = <T>(values: readonly T[]): readonly T[] => [...new Map(values.map((value) => [keyOf(value), value])).values()]

const TREATMENT = ['TREAT'] as const
export const purposesOf = ({ purposes }: Approval): readonly string[] => (purposes === undefined || purposes.length === 0 ? TREATMENT : purposes)

/** What holds for an approval beside who it is for and which topics. */
const approvalTerms = (one: Approval) => {
  const purposes = once(purposesOf(one))
  return stated({ types: once(one.types ?? []), purposes: keyOf(purposes) === keyOf(TREATMENT) ? undefined : purposes, until: one.until })
}
const blockTerms = ({ types, until }: Block) => stated({ types: once(types ?? []), until })

/** Approvals of one person with the same terms are one, for the topics of all of them. */
function mergeApprovals(all: readonly Approval[]): readonly Approval[] {
  return grouped(all, (one) => keyOf([one.who, approvalTerms(one)])).map((same) => ({
    who: same[0].who,
    ...stated({ categories: inOrder(same.flatMap(({ categories }) => categories ?? [])) }),
    ...approvalTerms(same[0]),
  }))
}

/** Likewise, but a block that names no topic is a block of all of them. */
function mergeBlocks(all: readonly Block[]): readonly Block[] {
  return grouped(all, (one) => keyOf([one.who, blockTerms(one)])).map((same) => {
    const isWhole = same.some(({ categories }) => categories === undefined || categories.length === 0)
    return {
      who: same[0].who,
      ...stated({ categories: isWhole ? [] : inOrder(same.flatMap(({ categories }) => categories ?? [])) }),
      ...blockTerms(same[0]),
    }
  })
}

/** Those with the same terms stand beside one another. */
function together<T extends object>(all: readonly T[], whoOf: (one: T) => Somebody, merge: (all: readonly T[]) => readonly T[]): readonly T[] {
  return grouped(merge(all.filter((one) => Object.keys(whoOf(one)).length > 0)), termsKey).flat()
}

/** What several share who stand in one grant. */
export const termsKey = (one: object): string => keyOf({ ...one, who: undefined })

type Some<T> = readonly [T, ...T[]]

/** In the order in which each group first appears. */
export function grouped<T>(all: readonly T[], key: (one: T) => string): readonly Some<T>[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group === undefined) groups.set(key(one), [one])
    else group.push(one)
  }
  return [...groups.values()]
}
