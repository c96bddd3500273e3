import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../run.ts'
import type { Place } from './rule.ts'
import { ATTACKS, CONFIGURATIONS, LIMITS, readSource, RULES, without } from './table.ts'

const ROWS = [...RULES, ...LIMITS]

it('has a row for each configuration of the models, and no other', () => {
  const expected = Object.entries(CONFIGURATIONS).flatMap(([model, names]) => names.split(' ').map((name) => `${model}_${name}`))
  expect(ROWS.map(({ configuration }) => configuration).toSorted()).toEqual(expected.toSorted())
})

/** Places of one file are taken out one after the other. */
const byFile = (places: readonly Place[]): readonly (readonly Place[])[] => [...Map.groupBy(places, ({ file }) => file).values()]

describe.each(RULES)('$configuration', ({ kept }) => {
  it('is kept where the table says, once', () => {
    for (const places of byFile(kept)) {
      const [text, shorter] = [readSource(places[0]?.file ?? ''), places.reduce(without, readSource(places[0]?.file ?? ''))]
      expect(shorter).not.toBe(text)
      for (const { symbol } of places) expect(text).toContain(symbol)
    }
  })
})

const titlesOf = (test: string): readonly string[] => [...readSource(`${ATTACKS}/${test}`).matchAll(/^it\('([A-Za-z0-9_]+): /gm)].map((match) => match[1] ?? '')

it('names a test for each row, and every test there is', () => {
  const tests = readdirSync(path.join(root, ATTACKS))
  const found = tests.flatMap((test) => titlesOf(test).map((configuration) => `${configuration} in ${test}`))
  expect(found.toSorted()).toEqual(ROWS.map(({ configuration, test }) => `${configuration} in ${test}`).toSorted())
})

it('has no attack without the words by which its success is known', () => {
  for (const { test } of RULES) {
    const parts = readSource(`${ATTACKS}/${test}`)
      .split(/^it\('/m)
      .slice(1)
    const silent = parts.filter((part) => RULES.some(({ configuration }) => part.startsWith(`${configuration}: `)) && !part.includes("'attack found: "))
    expect(silent.map((part) => part.slice(0, 40))).toEqual([])
  }
})
