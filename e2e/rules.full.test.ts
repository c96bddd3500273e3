import { expect, it } from 'vitest'
import { runFiducia } from './command.ts'

it('holds every attack of the models off, and finds it where the rule is taken out', async () => {
  const { code, stdout } = await runFiducia(['rules'])
  expect(stdout).not.toMatch(/ATTACK|NOT NOTICED|BROKEN|OTHERWISE|not played/)
  expect(stdout).toMatch(/[0-9]+ rules: each attack is held off/)
  expect(code).toBe(0)
})
