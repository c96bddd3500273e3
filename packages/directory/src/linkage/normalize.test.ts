import { describe, expect, it } from 'vitest'
import { MAX_WORDS } from '../limits.ts'
import { parseDay } from '../normalize/parse-day.ts'
import { plainText } from '../normalize/plain-text.ts'
import { dayTokens, isCalendarDay, isMonthFirst, tokensOf } from './normalize.ts'

const both = (one: ReadonlySet<string>, two: ReadonlySet<string>): number => [...one].filter((token) => two.has(token)).length
const common = (one: ReadonlySet<string>, two: ReadonlySet<string>): number => both(one, two) / new Set([...one, ...two]).size

describe('tokens', () => {
  it('are the same for two spellings of one name', () => {
    for (const [one, two] of [
      ['José  García', 'GARCIA, Jose'],
      ['O’Brien', "o'brien"],
      ['Straße 5', '5 strasse'],
      ['Łukasz Ørsted', 'Lukasz Orsted'],
    ] as const)
      expect(tokensOf(one, 'words')).toEqual(tokensOf(two, 'words'))
    expect(plainText('Νίκος-Иван')).toBe('νικος иван')
  })

  it('lose little by one typing error', () => {
    expect(common(tokensOf('tullaroop', 'words'), tokensOf('tularoop', 'words'))).toBeGreaterThan(0.6)
    expect(common(tokensOf('7124552', 'digits'), tokensOf('7125552', 'digits'))).toBeGreaterThanOrEqual(0.4)
    expect(common(tokensOf('1998-03-29', 'date'), tokensOf('1998-03-28', 'date'))).toBeGreaterThan(0.4)
    expect(both(tokensOf('nsw', 'code'), tokensOf('qld', 'code'))).toBe(0)
  })

  it('are none where a value says nothing, and never too many', () => {
    for (const value of ['', ' ', '--', 'N/A', 'unknown', 'NULL'])
      for (const form of ['words', 'digits', 'date', 'code'] as const) expect(tokensOf(value, form).size).toBe(0)
    expect(tokensOf(Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '), 'words').size).toBeLessThan(MAX_WORDS * 4)
  })
})

describe('codes', () => {
  it('are one where they mean one', () => {
    for (const female of ['F', 'female', 'w', 'Weiblich', 'femme', '2']) expect(tokensOf(female, 'code')).toEqual(new Set(['f']))
    for (const male of ['M', 'Male', 'männlich', 'homme', '1']) expect(tokensOf(male, 'code')).toEqual(new Set(['m']))
    expect(tokensOf('97201-1234', 'postalCode')).toEqual(tokensOf('97201', 'postalCode'))
    expect(tokensOf('972011234', 'postalCode')).toEqual(tokensOf('97201', 'postalCode'))
    expect(tokensOf('SW1A 1AA', 'postalCode')).toEqual(tokensOf('sw1a1aa', 'postalCode'))
  })
})

describe('days', () => {
  it('have the same tokens whole and in pieces', () => {
    const whole = tokensOf('1990-04-03', 'date')
    expect(dayTokens({ year: '1990', month: '04', day: '03' })).toEqual(whole)
    expect(tokensOf('3.4.1990', 'date', { parts: ['year'] })).toEqual(dayTokens({ year: '1990' }))
    for (const part of [{ year: '1990' }, { month: '04', day: '03' }, { year: '90' }]) for (const token of dayTokens(part)) expect(whole).toContain(token)
    expect(dayTokens({})).toEqual(new Set())
  })

  it('are read in the usual spellings', () => {
    const day = { year: '1990', month: '04', day: '03' }
    for (const value of ['19900403', '1990-04-03', '1990/04/03', '1990-04-03T00:00:00Z', '3/4/1990', '03.04.1990', '03-04-1990'])
      expect(parseDay(value)).toEqual(day)
    expect(parseDay('4/3/1990', { monthFirst: true })).toEqual(day)
    for (const value of ['', 'spring 1990', '90-4-3', '1990']) expect(parseDay(value)).toBeUndefined()
  })

  it('stand in the calendar', () => {
    for (const value of ['19900403', '4/30/1990', '30/4/1990', '2026-11-23']) expect(isCalendarDay(value)).toBe(true)
    for (const value of ['69880480', '19901340', '1990-00-03', '30/30/1990', 'none']) expect(isCalendarDay(value)).toBe(false)
    expect(tokensOf('19901340', 'date').size).toBeGreaterThan(6)
  })

  it('have the month first where the column shows it', () => {
    expect(isMonthFirst(['3/4/1990', '12/31/1980', '1/2/2000'])).toBe(true)
    expect(isMonthFirst(['3/4/1990', '31/12/1980'])).toBe(false)
    expect(isMonthFirst(['3/4/1990'])).toBe(false)
    expect(tokensOf('4/30/1990', 'date', { monthFirst: true })).toEqual(tokensOf('1990-04-30', 'date'))
  })
})
