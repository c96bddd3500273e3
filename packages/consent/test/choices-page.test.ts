import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { describePolicy, describeTerms, parseChoices, policyOf } from '../src/index.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/reference/choices.md'), 'utf8')
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\n([^\`]*)\`\`\``).exec(page)?.[1] ?? ''

it('docs/reference/choices.md says in words what its example means', () => {
  const policy = policyOf(parseChoices(JSON.parse(block('json'))))
  expect([...describeTerms(policy), ...describePolicy(policy)].join('\n')).toBe(block('text').trim())
})
