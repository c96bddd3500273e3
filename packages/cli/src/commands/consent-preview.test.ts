import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { policyOf } from '@fiducia/consent'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../output.ts'
import { previewConsent } from './consent-preview.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-preview-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const text = (name: string, content: string): string => {
  writeFileSync(path.join(dir, name), content)
  return path.join(dir, name)
}
const file = (name: string, content: unknown): string => text(name, JSON.stringify(content))

const observation = (id: string, code = '29463-7', more: object = {}) => ({
  resourceType: 'Observation',
  id,
  code: { coding: [{ system: 'http://loinc.org', code }] },
  ...more,
})
const resources = [observation('1', '29463-7', { encounter: { reference: 'Encounter/1' } }), observation('2'), { resourceType: 'Observation' }]
const record = file('record.json', { resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) })
const actors = file('actors.json', [
  { name: 'Dr. Haddad', organization: 'birch', identifiers: ['npi|1'], purposes: ['TREAT'], careRelationship: true },
  { name: 'Dune', organization: 'dune', purposes: ['HPAYMT'] },
])
const open = file('open.json', { preset: 'care-team' })
const hidden = file('hidden.json', { preset: 'care-team', hidden: ['Observation/1'] })
const flags = { actors, record, at: '2026-06-01T00:00:00Z' }

describe('consent preview', () => {
  it('says who would lose sight of what', () => {
    const { exitCode, json, text: shown } = previewConsent(open, hidden, flags)
    expect(exitCode).toBe(0)
    expect(json).toMatchObject({
      sentences: ['1 person at 1 organization loses sight of 1 item.', 'Nobody gains.'],
      lose: { people: 1, organizations: 1, items: 1 },
      gain: { people: 0, organizations: 0, items: 0 },
      safety: false,
      unreadable: 1,
      people: [
        { name: 'Dr. Haddad', loses: ['Observation/1'], gains: [], ways: [{ purpose: 'TREAT', action: 'read', loses: ['Observation/1'], gains: [] }] },
        { name: 'Dune', loses: [], gains: [] },
      ],
    })
    expect(shown.split('\n')).toEqual([
      'If you do this: 1 person at 1 organization loses sight of 1 item. Nobody gains.',
      '1 of the resources cannot be read, so nobody sees them either way.',
      '',
      'who         loses  gains  items (- lost, + gained)',
      'Dr. Haddad  1      0      -Observation/1',
      'no change for 1 more',
    ])
  })

  it('takes policies, choices, and versions that count together, and a record as lines', () => {
    const both = file('both.json', [policyOf({ preset: 'care-team' }), { preset: 'ask-me' }])
    const lines = text('record.ndjson', resources.map((resource) => JSON.stringify(resource)).join('\n'))
    expect(previewConsent(both, file('policy.json', policyOf({ preset: 'care-team' })), { ...flags, record: lines }).json).toMatchObject({
      lose: { items: 0 },
      gain: { people: 1, items: 2 },
    })
  })

  it('looks at how resources hang together', () => {
    const visit = file('visit.json', {
      v: 1,
      grants: [
        { effect: 'permit', purposes: ['TREAT'] },
        { effect: 'deny', data: { items: [{ related: 'Encounter/1' }] } },
      ],
    })
    expect(previewConsent(open, visit, flags).json).toMatchObject({ people: [{ loses: ['Observation/1'] }, {}] })
  })

  it('shortens long lists and keeps control characters out of the terminal', () => {
    const many = file(
      'many.json',
      Array.from({ length: 9 }, (_, i) => observation(`n${i}`)),
    )
    const odd = file('odd.json', [{ name: 'x\u001b[2J', purposes: ['TREAT'] }])
    const shown = previewConsent(open, file('ask.json', { preset: 'ask-me' }), { ...flags, record: many, actors: odd }).text
    expect(shown).toContain('-Observation/n5 and 3 more')
    expect(shown).not.toContain('\u001b')
  })

  it('shows what docs/reference/choices.md says of the example', () => {
    const example = (name: string): string => path.join(import.meta.dirname, '../../examples/preview', name)
    const page = readFileSync(path.join(import.meta.dirname, '../../../../docs/reference/choices.md'), 'utf8')
    const answer = previewConsent(example('before.json'), example('after.json'), {
      ...flags,
      actors: example('actors.json'),
      record: example('record.json'),
    })
    expect(page).toContain(`\`\`\`text\n${answer.text}\n`)
  })

  const refused: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a policy that is none',
      () => previewConsent(file('none.json', {}), hidden, flags),
      'expected a policy with `grants` or choices with a `preset`, found neither',
    ],
    ['a policy with a fault', () => previewConsent(file('bad.json', { v: 2, grants: [] }), hidden, flags), 'expected `1`'],
    ['choices with a fault', () => previewConsent(open, file('bad.json', { preset: 'open' }), flags), 'expected `care-team`'],
    ['no versions', () => previewConsent(open, file('bad.json', []), flags), 'expected 1 to 16 items, found 0'],
    ['other text', () => previewConsent(open, text('bad.json', '{"v":'), flags), 'as JSON, found other text'],
    ['a file that is not there', () => previewConsent(path.join(dir, 'nothing'), hidden, flags), 'found nothing at'],
    ['actors that are no list', () => previewConsent(open, hidden, { ...flags, actors: open }), 'expected an array'],
    ['an actor without a purpose', () => previewConsent(open, hidden, { ...flags, actors: file('bad.json', [{ name: 'x' }]) }), 'member `purposes` is missing'],
    ['an unknown default', () => previewConsent(open, hidden, { ...flags, default: 'open' }), 'for --default, found `open`'],
    ['no instant', () => previewConsent(open, hidden, { ...flags, at: 'soon' }), 'for --at, found `soon`'],
  ]
  it.each(refused)('refuses %s and says what it expected', (_, work, message) => {
    expect(work).toThrow(UsageError)
    expect(work).toThrow(message)
  })
})
