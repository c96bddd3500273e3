import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONFIDENTIALITY, decideAll, type Grant, type PolicyVersion, type Question, rankOf, type ResourceFacts } from '../src/index.ts'
import { facts, grant, policy, question } from './arbitraries.ts'

const runs = { numRuns: 3000 }
const permits = (versions: readonly PolicyVersion[], asked: Question, resource: ResourceFacts | undefined) =>
  decideAll(versions, asked, resource).effect === 'permit'
/** `after` releases nothing that `before` does not. */
const isNoWider = (before: boolean, after: boolean) => before || !after
const deny = grant.map((one): Grant => ({ ...one, effect: 'deny' }))
const permit = grant.map((one): Grant => ({ ...one, effect: 'permit' }))

describe('the decision', () => {
  it('never widens by another deny', () => {
    fc.assert(
      fc.property(policy, deny, question, facts, (p, more, q, f) => isNoWider(permits([p], q, f), permits([{ ...p, grants: [...p.grants, more] }], q, f))),
      runs,
    )
  })

  it('never narrows by another permit', () => {
    fc.assert(
      fc.property(policy, permit, question, facts, (p, more, q, f) => isNoWider(permits([{ ...p, grants: [more, ...p.grants] }], q, f), permits([p], q, f))),
      runs,
    )
  })

  it('does not depend on the order of grants, nor on saying one twice', () => {
    fc.assert(
      fc.property(policy, question, facts, (p, q, f) => {
        const before = permits([p], q, f)
        return permits([{ ...p, grants: [...p.grants].reverse() }], q, f) === before && permits([{ ...p, grants: [...p.grants, ...p.grants] }], q, f) === before
      }),
      runs,
    )
  })

  it('does not depend on the order of versions, and another version never widens', () => {
    fc.assert(
      fc.property(
        policy,
        policy,
        question,
        facts,
        (a, b, q, f) => permits([a, b], q, f) === permits([b, a], q, f) && isNoWider(permits([a], q, f), permits([a, b], q, f)),
      ),
      runs,
    )
  })

  it('denies where a version is unreadable or absent, and where there is none', () => {
    fc.assert(
      fc.property(policy, question, facts, (p, q, f) => !permits([p, 'unreadable'], q, f) && !permits(['absent', p], q, f) && !permits([], q, f)),
      runs,
    )
  })

  it('denies what cannot be read', () => {
    fc.assert(
      fc.property(policy, question, (p, q) => !permits([p], q, undefined)),
      runs,
    )
  })

  it('never widens by knowing less', () => {
    fc.assert(
      fc.property(policy, question, facts, fc.subarray(['sources', 'authors', 'encounter', 'period'] as const, { minLength: 1 }), (p, q, f, lost) => {
        const less: ResourceFacts = { ...f, ...Object.fromEntries(lost.map((member) => [member, undefined])) }
        return isNoWider(permits([p], q, f), permits([p], q, less))
      }),
      runs,
    )
  })

  it('never widens by a higher confidentiality', () => {
    fc.assert(
      fc.property(policy, question, facts, fc.constantFrom(...CONFIDENTIALITY), (p, q, f, level) => {
        fc.pre(rankOf(level) >= rankOf(f.confidentiality))
        return isNoWider(permits([p], q, f), permits([p], q, { ...f, confidentiality: level }))
      }),
      runs,
    )
  })

  it('gives several purposes only what each of them gets', () => {
    fc.assert(
      fc.property(policy, question, facts, (p, q, f) => {
        fc.pre(!q.purposes.includes('BTG') && q.purposes.length > 0)
        return permits([p], q, f) === q.purposes.every((purpose) => permits([p], { ...q, purposes: [purpose] }, f))
      }),
      runs,
    )
  })

  it('always says why, with a code, and hands out frozen verdicts', () => {
    fc.assert(
      fc.property(policy, question, fc.option(facts, { nil: undefined }), (p, q, f) => {
        const verdict = decideAll([p], q, f)
        expect(verdict.reasons.length).toBeGreaterThan(0)
        expect(Object.isFrozen(verdict)).toBe(true)
      }),
      runs,
    )
  })

  it('answers even a time that is no number', () => {
    fc.assert(
      fc.property(policy, question, facts, (p, q, f) => {
        fc.pre(!q.purposes.includes('BTG'))
        return !permits([p], { ...q, at: Number.NaN }, f)
      }),
      runs,
    )
  })
})
