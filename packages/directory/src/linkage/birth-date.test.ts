import { describe, expect, it } from 'vitest'
import { areLifetimes, parsePart, readDay } from './birth-date.ts'

describe('parsePart', () => {
  it('reads years, months and days as files have them', () => {
    for (const year of ['1984', ' 1984 ', '1984.0']) expect(parsePart(year, 'year')).toBe('1984')
    expect(parsePart('84', 'year')).toBe('84')
    for (const month of ['4', '04', '4.0', 'Apr', 'April', 'avril', 'abril']) expect(parsePart(month, 'month')).toBe('04')
    for (const [name, month] of [
      ['Mai', '05'],
      ['juin', '06'],
      ['juillet', '07'],
      ['août', '08'],
      ['Oktober', '10'],
      ['diciembre', '12'],
      ['März', '03'],
      ['enero', '01'],
    ] as const)
      expect(parsePart(name, 'month')).toBe(month)
    expect(parsePart('3', 'day')).toBe('03')
  })

  it('takes nothing else', () => {
    for (const value of ['', 'NA', '0', '13', '1984', 'x']) expect(parsePart(value, 'month')).toBeUndefined()
    for (const value of ['0', '32', '1984-04-03']) expect(parsePart(value, 'day')).toBeUndefined()
    for (const value of ['984', '3000', '1984-04-03', '19840403']) expect(parsePart(value, 'year')).toBeUndefined()
  })
})

describe('readDay', () => {
  it('reads days with named months, short years and times', () => {
    const day = { year: '1990', month: '04', day: '03' }
    for (const value of ['1990-04-03', '3-Apr-1990', '03 April 1990', 'Apr 3, 1990', '3. avril 1990', '03/04/1990 00:00', '19900403.0', '1990-04-03T00:00:00Z'])
      expect(readDay(value)).toEqual(day)
    expect(readDay('3.4.90')).toEqual({ ...day, year: '90' })
    expect(readDay('4/3/90', { monthFirst: true })).toEqual({ ...day, year: '90' })
    for (const value of ['', 'spring 1990', '3-Foo-1990', '31-31-90', '1990']) expect(readDay(value)).toBeUndefined()
  })
})

describe('areLifetimes', () => {
  const years = (first: number, count: number): readonly number[] => Array.from({ length: 100 }, (_, i) => first + (i % count))

  it('tells births from visits', () => {
    expect(areLifetimes(years(1930, 90))).toBe(true)
    expect(areLifetimes(years(2002, 18))).toBe(true)
    expect(areLifetimes(years(2015, 8))).toBe(false)
    expect(areLifetimes([...years(2015, 8), 1900, 1901])).toBe(false)
    expect(areLifetimes([2020, 2021])).toBe(true)
  })
})
