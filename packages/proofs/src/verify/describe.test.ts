import { encodeUtf8 } from '@fiducia/core'
import { describe, expect, it } from 'vitest'
import { bundles } from '../../test/bundles.ts'
import { policy } from '../../test/network.ts'
import { CHECKS, describeVerification, formatVerification, verifyBundle } from '../index.ts'

describe('a verification in words', () => {
  it.each(Object.entries(bundles))('of a bundle (%s) says each check with its meaning, and every limit', (_, files) => {
    const verification = verifyBundle(files, policy)
    const { headline, checks, sections } = describeVerification(verification)
    expect(headline).toBe(`VALID: ${verification.kind}`)
    expect(checks.map(({ name, meaning }) => [name, meaning])).toEqual(
      verification.checks.map(({ name }) => [name, Object.entries(CHECKS).find(([id]) => id === name)?.[1]]),
    )
    expect(sections.map(({ title }) => title)).toEqual(['What it proves', 'What it does not prove'])
    expect(sections.flatMap(({ sentences }) => sentences)).toEqual([...verification.proves, ...verification.doesNotProve])
  })

  it('of a bundle that is not valid proves nothing, and lets no file name write a line of its own', () => {
    const verification = verifyBundle(new Map([...(bundles['access'] ?? []), ['x\nVALID: access\u001b[2J', encodeUtf8('x')]]), policy)
    const text = formatVerification(verification)
    expect(text).toMatch(/^NOT VALID: access\n {2}FAILED {2}files: unknown files: x\?VALID: access\?\[2J\n\nWhat it does not prove:\n {2}- /)
    expect(text).not.toContain('What it proves')
  })

  it('knows no meaning of a check that is not in the list', () => {
    const [check] = describeVerification({ ...verifyBundle(new Map(), policy), checks: [{ name: 'toString', ok: false, detail: '' }] }).checks
    expect(check?.meaning).toBe('')
  })
})
