import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIRST_INSTANT, LAST_INSTANT, spanOfDate, spanOfPeriod } from './dates.ts'

const ms = (iso: string) => Date.parse(iso)
const span = (from: string, until: string) => ({ from: ms(from), until: ms(until) })

describe('the span of a date', () => {
  it.each([
    ['2024', span('2024-01-01T00:00:00.000Z', '2024-12-31T23:59:59.999Z')],
    ['2024-02', span('2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z')],
    ['2023-02', span('2023-02-01T00:00:00.000Z', '2023-02-28T23:59:59.999Z')],
    ['2024-02-29', span('2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z')],
    ['2024-05-06T23:30:00-05:00', span('2024-05-07T04:30:00.000Z', '2024-05-07T04:30:00.999Z')],
    ['2024-05-06T00:30:00+02:00', span('2024-05-05T22:30:00.000Z', '2024-05-05T22:30:00.999Z')],
    ['2023-12-31T23:59:59.999-00:01', span('2024-01-01T00:00:59.999Z', '2024-01-01T00:00:59.999Z')],
    ['2023-12-31T23:59:59.9Z', span('2023-12-31T23:59:59.900Z', '2023-12-31T23:59:59.999Z')],
    ['2023-12-31T23:59:59.123456789Z', span('2023-12-31T23:59:59.123Z', '2023-12-31T23:59:59.123Z')],
    ['2024-05-06T10:00Z', span('2024-05-06T10:00:00.000Z', '2024-05-06T10:00:59.999Z')],
    ['2016-12-31T23:59:60Z', span('2017-01-01T00:00:00.000Z', '2017-01-01T00:00:00.999Z')],
    ['0000', { from: FIRST_INSTANT, until: Date.parse('0001-01-01T00:00:00Z') - 1 }],
    ['9999', { from: Date.parse('9999-01-01T00:00:00Z'), until: LAST_INSTANT }],
    ['2023-02-29', undefined],
    ['2024-13', undefined],
    ['2024-00-10', undefined],
    ['2024-05-00', undefined],
    ['2024-05-06T24:00:00Z', undefined],
    ['2024-05-06T10:60:00Z', undefined],
    ['2024-05-06T10:00:61Z', undefined],
    ['2024-05-06T10:00:00', undefined],
    ['2024-05-06T10:00:00+15:00', undefined],
    ['2024-05-06T10:00:00+14:60', undefined],
    ['2024-05-06T23:59:60.5Z', span('2024-05-07T00:00:00.500Z', '2024-05-07T00:00:00.599Z')],
    ['2024-05-06T23:59:59.12Z', span('2024-05-06T23:59:59.120Z', '2024-05-06T23:59:59.129Z')],
    ['2024-05-06T10:00:00+14:00', span('2024-05-05T20:00:00.000Z', '2024-05-05T20:00:00.999Z')],
    ['2024-05-06T10:00-14:59', span('2024-05-07T00:59:00.000Z', '2024-05-07T00:59:59.999Z')],
    ['2024-05-32', undefined],
    ['2024-1', undefined],
    ['2024-01-1', undefined],
    ['20240', undefined],
    [' 2024', undefined],
    ['2024 ', undefined],
    ['2024-01-012024', undefined],
    [2024, undefined],
    ['2024-01-01Z', undefined],
    ['2024-01-01T10Z', undefined],
    ['2024-05-06T10:00:00.Z', undefined],
    ['2024-05-06T10:00:00.1234567890Z', undefined],
    ['x2024-05-06T10:00:00Z', undefined],
    ['2024-05-06T10:00:00Zx', undefined],
    ['2024-05-06T10:00:00+1:00', undefined],
    ['2024-05-06T10:00:00 01:00', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [20240506, undefined],
  ])('%s', (value, expected) => {
    expect(spanOfDate(value)).toEqual(expected)
  })

  it('has every month of every kind of year', () => {
    for (const year of [1900, 2000, 2023, 2024, 2100]) {
      for (let month = 1; month <= 12; month += 1) {
        const text = `${year}-${String(month).padStart(2, '0')}`
        expect(spanOfDate(text)).toEqual({ from: Date.UTC(year, month - 1, 1), until: Date.UTC(year, month, 1) - 1 })
        const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
        expect(spanOfDate(`${text}-${last}`)).toEqual({ from: Date.UTC(year, month - 1, last), until: Date.UTC(year, month, 1) - 1 })
        expect(spanOfDate(`${text}-${last + 1}`)).toBeUndefined()
      }
    }
  })

  it('agrees with the calendar of the platform', () => {
    const anyTime = fc.date({ min: new Date('0001-02-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -14 * 60, max: 14 * 60 }), (instant, offset) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, 23)
        const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}:${String(Math.abs(offset) % 60).padStart(2, '0')}`
        expect(spanOfDate(`${local}${zone}`)).toEqual({ from: instant.getTime(), until: instant.getTime() })
      }),
    )
  })
})

describe('the span of a period', () => {
  it('is open where an end is not stated, and unknown where one cannot be read', () => {
    expect(spanOfPeriod('2024', undefined)).toEqual({ from: ms('2024-01-01T00:00:00Z'), until: LAST_INSTANT })
    expect(spanOfPeriod(undefined, '2024')).toEqual({ from: FIRST_INSTANT, until: ms('2024-12-31T23:59:59.999Z') })
    expect(spanOfPeriod('2024', 'soon')).toBeUndefined()
    expect(spanOfPeriod('soon', '2024')).toBeUndefined()
    expect(spanOfPeriod(2024, undefined)).toBeUndefined()
    expect(spanOfPeriod('2025', '2024')).toBeUndefined()
    expect(spanOfPeriod('2024', '2024')).toEqual(spanOfDate('2024'))
    const instant = '2024-01-01T00:00:00.000Z'
    expect(spanOfPeriod(instant, instant)).toEqual({ from: ms(instant), until: ms(instant) })
    expect(spanOfPeriod(undefined, undefined)).toBeUndefined()
  })
})
