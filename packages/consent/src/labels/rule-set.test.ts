import { describe, expect, it } from 'vitest'
import { compileRuleSet, judge, judgeText, labelsOf, type RuleRow, type RuleSetParts, type RuleTable } from './rule-set.ts'

const table = (system: string, match: RuleTable['match'], rows: readonly RuleRow[]): RuleTable => ({ system, version: '1', source: 'made', match, rows })
const parts: RuleSetParts = {
  id: 'made',
  tables: [
    table('codes', 'code', [
      ['a', 'HIV', 'one'],
      ['a', 'SEX +mark', 'the same again'],
      ['b', '', 'ordinary'],
      ['m', '+', 'no mark, no label'],
    ]),
    table('chapters', 'beginning', [
      ['F1', 'SUD', 'one letter more'],
      ['F20-F22', 'PSY', 'a range'],
      ['A08-A10', 'STD', 'a range with a zero in front'],
      ['7-9', 'VIO', 'a range of numbers'],
      ['B1-C3', 'GDIS', 'no range: other letters'],
      ['D1-D10', 'GDIS', 'no range: other lengths'],
      ['G1.5', 'MH', 'with a point'],
      ['H1.1-3', 'GDIS', 'no range: a point before it'],
      ['H1-H3.5', 'GDIS', 'no range: a point behind it'],
    ]),
    table('both', 'beginning', [['X1', 'PSY', 'chapter']]),
    table('both', 'code', [['X19', 'HIV', 'code']]),
    table('drugs', 'code', [['1', '', 'known']]),
    table('drugs', 'name', [
      ['methadone', 'OPIOIDUD', 'a drug'],
      ['aspirin', '', 'ordinary'],
      ['ibuprofen', '', 'ordinary'],
      ['aspirin kit', '+kit', 'a mark'],
    ]),
    table('words', 'name', [['alcohol', 'ETHUD', 'a word']]),
    table('findings', 'name', [['positive', '+positive', 'a mark']]),
    table('', 'name', [
      ['alcohol', 'ETHUD', 'a word'],
      ['positive', '+positive', 'a mark'],
      ['alcohol positive', '+both', 'a mark over the same words'],
    ]),
  ],
  combinations: [],
  drugSystems: ['drugs', 'other-drugs'],
  aliases: [
    ['urn:oid:1', 'codes'],
    ['urn:oid:2', 'nowhere'],
  ],
  harmless: ['units', 'exact:inside'],
  harmlessBeginnings: ['fine:'],
  exceptBeginnings: ['fine:not:', 'exact:'],
}
const rules = compileRuleSet(parts)
const found = (system: string | undefined, code: string, display?: string) => {
  const { system: kind, labels, marks, unidentified, placed, quiet } = judge(rules, system, code, display)
  return [kind, ...labels, ...marks, ...(unidentified ? ['unidentified'] : []), ...(placed ? ['placed'] : []), ...(quiet ? ['quiet'] : [])].join(' ')
}

describe('what the rules say of a coding', () => {
  it.each<[name: string, system: string | undefined, code: string, display: string | undefined, expected: string]>([
    ['a code of several rows has the labels of all', 'codes', 'a', undefined, 'ruled HIV SEX +mark placed'],
    ['a code with a row and no label is ordinary', 'codes', 'b', undefined, 'ruled placed quiet'],
    ['a plus alone says nothing', 'codes', 'm', undefined, 'ruled placed quiet'],
    ['a code that no row names is ordinary, but not placed', 'codes', 'z', undefined, 'ruled quiet'],
    ['codes are written as they are', 'codes', 'A', undefined, 'ruled quiet'],
    ['a system by another name', 'urn:oid:1', 'b', undefined, 'ruled placed quiet'],
    ['another name of nothing', 'urn:oid:2', 'b', undefined, 'unknown'],
    ['the beginning of a code', 'chapters', 'F17.2', undefined, 'ruled SUD placed'],
    ['a beginning that is longer than the code', 'chapters', 'F', undefined, 'ruled placed quiet'],
    ['a beginning in small letters and blanks', 'chapters', ' f17 ', undefined, 'ruled SUD placed'],
    ['the first of a range', 'chapters', 'F20', undefined, 'ruled PSY placed'],
    ['the last of a range', 'chapters', 'F22.9', undefined, 'ruled PSY placed'],
    ['beyond a range', 'chapters', 'F23', undefined, 'ruled placed quiet'],
    ['before a range', 'chapters', 'A07', undefined, 'ruled placed quiet'],
    ['a range with zeros', 'chapters', 'A09', undefined, 'ruled STD placed'],
    ['a range of numbers', 'chapters', '8', undefined, 'ruled VIO placed'],
    ['no range between letters', 'chapters', 'B2', undefined, 'ruled placed quiet'],
    ['what only looks like a range', 'chapters', 'B1-C3', undefined, 'ruled GDIS placed'],
    ['no range behind a point', 'chapters', '2', undefined, 'ruled placed quiet'],
    ['no range before a point', 'chapters', 'H2', undefined, 'ruled placed quiet'],
    ['no range between lengths', 'chapters', 'D5', undefined, 'ruled placed quiet'],
    ['a code without its point', 'chapters', 'G15', undefined, 'ruled MH placed'],
    ['a code with its point', 'chapters', 'G1.5', undefined, 'ruled MH placed'],
    ['a code and its chapter', 'both', 'X19', undefined, 'ruled HIV PSY placed'],
    ['a system with codes and chapters places only what it names', 'both', 'Y', undefined, 'ruled quiet'],
    ['a drug by its code', 'drugs', '1', undefined, 'ruled placed quiet'],
    ['a drug by its name', 'drugs', '2', 'Methadone 10 MG', 'ruled OPIOIDUD placed'],
    ['an ordinary drug by its name', 'drugs', '2', 'aspirin', 'ruled placed quiet'],
    ['a drug that nothing names', 'drugs', '2', 'novelty', 'ruled unidentified'],
    ['a drug without a name', 'drugs', '2', undefined, 'ruled unidentified'],
    ['a product of known drugs', 'drugs', '2', 'aspirin 5 MG / ibuprofen 7 MG', 'ruled placed quiet'],
    ['a product with an unknown drug', 'drugs', '2', 'aspirin and novelty', 'ruled unidentified placed'],
    ['a product with an unknown drug behind a plus', 'drugs', '2', 'aspirin+novelty', 'ruled unidentified placed'],
    ['a product with an unknown drug behind an ampersand', 'drugs', '2', 'aspirin & novelty', 'ruled unidentified placed'],
    ['a part too short to be a drug', 'drugs', '2', 'aspirin / 5 MG', 'ruled placed quiet'],
    ['a name without any word of four letters', 'drugs', '2', 'xyz', 'ruled unidentified'],
    ['a mark takes no word away from a drug', 'drugs', '2', 'aspirin kit', 'ruled +kit placed'],
    ['a harmless system', 'units', 'kg', undefined, 'harmless quiet'],
    ['a system that begins harmlessly', 'fine:x', 'kg', undefined, 'harmless quiet'],
    ['a system that begins so and is not', 'fine:not:x', 'kg', undefined, 'unknown'],
    ['a single harmless one among those that are not', 'exact:inside', 'kg', undefined, 'harmless quiet'],
    ['no name of a harmless system is read', 'units', 'kg', 'alcohol', 'harmless quiet'],
    ['an unknown system', 'other', 'x', undefined, 'unknown'],
    ['a name in an unknown system', 'other', 'x', 'Alcohol', 'unknown ETHUD placed'],
    ['a name without a system', undefined, 'x', 'alcohol', 'unknown ETHUD placed'],
    ['a name with an empty system', '', 'y', 'alcohol', 'unknown ETHUD placed'],
    ['a word in a system that has words alone', 'words', 'x', 'alcohol', 'ruled ETHUD placed'],
    ['another word there, which places nothing', 'words', 'x', 'weight', 'ruled quiet'],
    ['a mark in a system that has marks alone', 'findings', 'x', 'positive', 'ruled +positive placed'],
    ['marks stand beside labels', 'other', 'x', 'alcohol positive', 'unknown ETHUD +both placed'],
  ])('%s', (_, system, code, display, expected) => {
    expect(found(system, code, display)).toBe(expected)
    // What is remembered is the same as what is judged anew.
    expect(found(system, code, display)).toBe(expected)
  })

  it('names the coding, and the rows that speak of it', () => {
    expect(judge(rules, 'codes', 'a', 'shown')).toMatchObject({
      name: 'codes|a',
      display: 'shown',
      hits: [{ row: ['a', 'HIV', 'one'] }, { row: ['a', 'SEX +mark', 'the same again'] }],
    })
    expect(judge(rules, undefined, 'a', undefined).name).toBe('|a')
    expect(judge(rules, 'chapters', 'F1', undefined).hits).toMatchObject([{ row: ['F1', 'SUD', 'one letter more'] }])
  })

  it('has no labels for a system that nobody knows, as opposed to none', () => {
    expect(labelsOf(rules, 'other', 'x', 'alcohol')).toBeUndefined()
    expect(labelsOf(rules, 'codes', 'b', undefined)).toEqual([])
    expect(labelsOf(rules, 'codes', 'a', undefined)).toEqual(['HIV', 'SEX'])
  })
})

describe('what the rules say of a text', () => {
  const said = (text: string, drug: boolean) => {
    const { labels, marks, unidentified, placed, quiet } = judgeText(rules, text, drug)
    return [...labels, ...marks, ...(unidentified ? ['unidentified'] : []), ...(placed ? ['placed'] : []), ...(quiet ? ['quiet'] : [])].join(' ')
  }

  it('reads the words of anything, or the names of drugs where it should name one', () => {
    for (let again = 0; again < 2; again += 1) {
      expect(said('alcohol', false)).toBe('ETHUD placed')
      expect(said('alcohol', true)).toBe('unidentified')
      expect(said('methadone', true)).toBe('OPIOIDUD placed')
      expect(said('methadone', false)).toBe('quiet')
      expect(said('aspirin', true)).toBe('placed quiet')
      expect(said('nothing of it', false)).toBe('quiet')
    }
  })

  it('knows no drug where there are no names of drugs', () => {
    const bare = compileRuleSet({ ...parts, drugSystems: ['nowhere'] })
    expect(judgeText(bare, 'methadone', true)).toMatchObject({ unidentified: true, labels: [] })
    expect(judgeText(compileRuleSet({ ...parts, tables: [] }), 'alcohol', false)).toMatchObject({ unidentified: false, labels: [] })
    expect(judge(bare, 'drugs', '2', 'novelty').unidentified).toBe(false)
  })

  it('has no code, and is of no unknown system', () => {
    expect(judgeText(compileRuleSet(parts), 'alcohol', false)).toMatchObject({ name: '', display: 'alcohol', system: 'ruled' })
  })
})
