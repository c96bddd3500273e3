import * as fc from 'fast-check'
import { type Approval, type Block, CATEGORIES, type Choices, PRESETS, type Somebody } from '../src/index.ts'
import { facts as anyFacts } from './arbitraries.ts'

/** Random choices from the values that random questions and resources have. */

const named = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const compact = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

export const people: fc.Arbitrary<Somebody> = fc.oneof(
  fc.record({ organization: fc.constantFrom('alder', 'birch') }, { noNullPrototype: true }),
  fc.record({ practitioner: fc.constantFrom('npi|1', 'npi|2') }, { noNullPrototype: true }),
  fc.constant<Somebody>({ role: 'physician' }),
  fc.constant<Somebody>({ group: 'g1' }),
)
const both: fc.Arbitrary<Somebody> = fc.constant({ practitioner: 'npi|1', organization: 'birch' })
const topics = fc.subarray([...CATEGORIES], { minLength: 1, maxLength: 3 })
const types = fc.uniqueArray(fc.constantFrom('Observation', 'Condition'), { minLength: 1 })
const until = fc.constantFrom(1000, 1500, 2001)

const approval = fc
  .record({
    who: fc.oneof({ weight: 5, arbitrary: people }, { weight: 1, arbitrary: both }),
    categories: named(topics),
    types: named(types),
    purposes: named(fc.uniqueArray(fc.constantFrom('TREAT', 'HPAYMT', 'BTG'), { minLength: 1 })),
    until: named(until),
  })
  .map((whole) => compact(whole) as unknown as Approval)
const block = fc.record({ who: people, categories: named(topics), types: named(types), until: named(until) }).map((whole) => compact(whole) as unknown as Block)
/** Never empty: a document has what it names. */
const list = <T>(one: fc.Arbitrary<T>) => named(fc.array(one, { minLength: 1, maxLength: 4 }))

export const choices: fc.Arbitrary<Choices> = fc
  .record({
    preset: fc.constantFrom(...PRESETS),
    shared: named(fc.oneof(topics, fc.constant([...CATEGORIES]))),
    approved: list(approval),
    blocked: list(block),
    hidden: list(fc.constantFrom('Observation/1', 'Observation/2', 'Condition/1')),
    until: named(until),
    replaces: named(fc.constant([])),
  })
  .map((whole) => compact(whole) as unknown as Choices)

export const facts = anyFacts
