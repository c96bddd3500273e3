import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexNames, matchNames, wordsOf } from './names.ts'

const keys = ['alcohol', 'alcohol*', 'alcohol swab', 'sexual abuse', 'abuse', '*azepam', 'hiv', 'ethinyl estradiol', 'estradiol', 'test for hiv*']
const index = indexNames(keys.map((key) => [key, key] as const))
const found = (display: string) => matchNames(index, wordsOf(display)).join(', ')

describe('rules by name', () => {
  it.each([
    ['Alcohol', 'alcohol'],
    ['History of ALCOHOLISM', 'alcohol*'],
    ['alcohol-swab, sterile', 'alcohol swab'],
    ['Victim of sexual abuse', 'sexual abuse'],
    ['Sexual abuses', ''],
    ['Ethinyl oestradiol', ''],
    ['azepam', '*azepam'],
    ['abused', ''],
    ['Diazepam 5 MG', '*azepam'],
    ['HIV-1/HIV-2', 'hiv, hiv'],
    ['shiver', ''],
    ['archive', ''],
    ['Ethinyl Estradiol 0.03 MG / Estradiol', 'ethinyl estradiol, estradiol'],
    ['Test for HIV2', 'test for hiv*'],
    ['', ''],
    ['…', ''],
  ])('%s', (display, expected) => {
    expect(found(display)).toBe(expected)
  })

  it('speak of one word each once, all that fit it equally well', () => {
    const several = indexNames(['hiv', 'hiv', 'depress*', '*press', 'schizophren*', '*pam', '*barbital'].map((key, at) => [key, `${key} ${at}`] as const))
    const rowsOf = (display: string) => matchNames(several, wordsOf(display))
    expect(rowsOf('HIV')).toEqual(['hiv 0', 'hiv 1'])
    expect(rowsOf('depress')).toEqual(['depress* 2', '*press 3'])
    expect(rowsOf('zepam')).toEqual(['*pam 5'])
    expect(wordsOf('…')).toEqual([])
  })

  it('are found wherever they stand, however they are written, and nowhere else', () => {
    const other = fc.constantFrom('of', 'the', 'blood', '7', 'alcoho', 'xhiv')
    fc.assert(
      fc.property(
        fc.array(other),
        fc.constantFrom('hiv', 'sexual abuse'),
        fc.array(other),
        fc.constantFrom(' ', '-', ', ', ' / '),
        (before, key, after, between) => {
          const display = [...before, ...key.split(' '), ...after].join(between)
          return found(display) === key && found(display.toUpperCase()) === key && found([...before, ...after].join(between)) === ''
        },
      ),
    )
  })
})
