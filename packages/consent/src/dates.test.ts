import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDay, isCalendarDay, spanOfDate, spanOfPeriod } from './dates.ts'

const day = (from: string, until = from) => ({ from, until })

describe('the days of a date', () => {
  it.each([
    ['2024', day('2024-01-01', '2024-12-31')],
    ['2024-02', day('2024-02-01', '2024-02-29')],
    ['2023-02', day('2023-02-01', '2023-02-28')],
    ['2024-02-29', day('2024-02-29')],
    ['2024-05-06T23:30:00-05:00', day('2024-05-07')],
    ['2024-05-06T00:30:00+02:00', day('2024-05-05')],
    ['2024-03-01T00:00:00+00:01', day('2024-02-29')],
    ['2023-12-31T23:59:59.999-00:01', day('2024-01-01')],
    ['2024-05-06T10:00Z', day('2024-05-06')],
    ['2023-02-29', undefined],
    ['2024-13', undefined],
    ['2024-00-10', undefined],
    ['2024-05-06T24:00:00Z', undefined],
    ['2024-05-06T10:00:00', undefined],
    ['2024-05-06T10:00:00+15:00', undefined],
    ['yesterday', undefined],
    ['', undefined],
    [20240506, undefined],
  ])('%s', (value, expected) => {
    expect(spanOfDate(value)).toEqual(expected)
  })

  it('agree with the calendar of the platform', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (instant, offset) => {
          const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, 19)
          const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}:${String(Math.abs(offset) % 60).padStart(2, '0')}`
          expect(spanOfDate(`${local}${zone}`)).toEqual(day(instant.toISOString().slice(0, 10)))
        },
      ),
    )
  })

  it('go forth and back', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true }), (instant) => {
        const text = instant.toISOString().slice(0, 10)
        expect(isCalendarDay(text)).toBe(true)
        expect(addDay(addDay(text, 1), -1)).toBe(text)
        expect(addDay(text, 1) > text).toBe(true)
      }),
    )
    expect(addDay('9999-12-31', 1)).toBe('9999-12-31')
  })
})

describe('the days of a period', () => {
  it('are open where an end is not stated, and unknown where one cannot be read', () => {
    expect(spanOfPeriod('2024', undefined)).toEqual(day('2024-01-01', '9999-12-31'))
    expect(spanOfPeriod(undefined, '2024')).toEqual(day('0000-01-01', '2024-12-31'))
    expect(spanOfPeriod('2024', 'soon')).toBeUndefined()
    expect(spanOfPeriod('2025', '2024')).toBeUndefined()
    expect(spanOfPeriod(undefined, undefined)).toBeUndefined()
  })
})
