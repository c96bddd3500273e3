import { cardOf } from '@fiducia/research'
import { describe, expect, it } from 'vitest'
import { HOSTILE_NAMES } from '../../test/hostile-names.ts'
import { studyResult, studySpec } from '../../test/study-results.ts'
import { cardMarkdown } from './card-markdown.ts'

const split = { split: { column: 'g', test: 'kept' } }
const spec = studySpec({ name: 'glm', family: 'binomial', formula: 'y ~ x * f', ridge: 2 }, split)
const fit = { iterations: 5, lastStep: 1e-9, deviance: 409.3, df: 327, loglik: -204.7, aic: 417.3 }
const test = { accuracy: 0.8125, bySite: { east: { accuracy: 0.8125, n: 32 }, west: null }, concordance: null }
const markdown = (changes = {}, of = spec) =>
  cardMarkdown({ card: cardOf(of, studyResult({ ...fit, test, ...changes })), specId: 'HASH_1', files: ['study', 'model.safetensors'] })

/** Lines below a heading. */
const section = (text: string, title: string) => text.split(/^## /m).find((one) => one.startsWith(title)) ?? ''

describe('a model card', () => {
  it('has the sections that its readers look for, once each, in their order', () => {
    expect(markdown().match(/^#+ .*/gm)).toEqual([
      '# A study',
      '## Model details',
      '## Intended use',
      '## Data',
      '## How it was computed',
      '## Performance',
      '## What was disclosed',
      '## Limits and ethical considerations',
      '## How to verify',
    ])
  })

  it('says of each what there is to say', () => {
    const text = markdown()
    expect(section(text, 'Model details')).toMatch(/y \\~ x \+ f \+ x:f, ridge 2[\s\S]*HASH\\_1[\s\S]*model\.safetensors/)
    expect(section(text, 'Intended use')).toContain('Health, medical or biomedical research')
    expect(section(text, 'Data')).toMatch(/300 rows; 3 left out[\s\S]*“y”, “x”, “f” and “g”[\s\S]*“kept” in “g”[\s\S]*\| east \| 150 \|/)
    expect(section(text, 'Performance')).toMatch(/\| log likelihood \| -204\.7 \|\n\| AIC \| 417\.3 \|/)
    expect(section(text, 'Performance')).toMatch(/\| east \| 32 \| 81\.3 % \|\n\| west \| few \| not told \|\n\| together \| {2}\| 81\.3 % \|/)
    expect(section(text, 'What was disclosed')).toMatch(/how many rows[\s\S]*nothing below 10 rows/)
    expect(section(text, 'Limits')).toMatch(/Not private[\s\S]*not proved[\s\S]*cause and effect[\s\S]*approximate/)
    expect(section(text, 'How to verify')).toContain('\n```\nfiducia verify study --trust trust.policy\n```\n')
  })

  it('says what it does not know, and makes up nothing', () => {
    const count = studySpec({ name: 'count' }, { purpose: 'DUO:0009999' })
    const text = cardMarkdown({ card: cardOf(count, studyResult({ excluded: { missing: 0 } })), specId: 'H', files: [] })
    expect(text).toContain('A purpose that is not known here')
    expect(text).toContain('300 rows; 0 left out')
    expect(section(text, 'Performance')).toContain('counted, not modeled')
    expect(text).not.toMatch(/null|undefined|NaN/)
  })

  it.each(HOSTILE_NAMES)('with the title and the column %j keeps its sections', (name) => {
    const column = name.toWellFormed().slice(0, 200)
    const odd = studySpec({ name: 'describe', columns: ['x', column] }, { title: column, columns: { x: 'number', [column]: 'number' } })
    const text = markdown({}, odd)
    expect(text.match(/^## .*/gm)).toHaveLength(8)
    expect(text.match(/^# .*/gm)).toHaveLength(1)
    expect(text).not.toMatch(/(?<!\\)[<>]|(?<!\\)\]\(|(?<!\\)\*\*|(?<!\\):\/\/|www\.|(?<!\\)@/)
    expect(text.replaceAll('\n', '')).not.toMatch(/(?![\u200C\u200D])\p{C}/u)
  })
})
