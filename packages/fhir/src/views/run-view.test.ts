import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ViewError } from './errors.ts'
import { prepareView, type Row, runView } from './run-view.ts'

const placed = (resources: readonly unknown[]) => resources.map((resource, i) => ({ resource, at: `line ${i + 1}` }))
const rowsOf = (select: readonly object[], resources: readonly unknown[], more: object = {}): readonly Row[] => [
  ...runView(prepareView({ resource: 'Patient', select, ...more }), placed(resources)),
]
const column = (name: string, path: string, more: object = {}) => ({ name, path, ...more })

function faultOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    return `${error.code} ${error.message}`
  }
}

const ANN = {
  resourceType: 'Patient',
  id: 'ann',
  name: [{ family: 'Reed', given: ['Ann', 'Bo'] }, { family: 'Oak' }],
  telecom: [{ value: '1' }, { value: '2' }],
}
const BARE = { resourceType: 'Patient', id: 'bare' }

describe('rows', () => {
  it('are every row of one part with every row of the next, the first part outermost', () => {
    const rows = rowsOf(
      [
        { forEach: 'name', column: [column('family', 'family')] },
        { forEach: 'telecom', column: [column('tel', 'value')] },
      ],
      [ANN, BARE],
    )
    expect(rows).toEqual([
      { family: 'Reed', tel: '1' },
      { family: 'Reed', tel: '2' },
      { family: 'Oak', tel: '1' },
      { family: 'Oak', tel: '2' },
    ])
  })

  it('have their columns in the order of the view, wherever their values come from', () => {
    const select = [{ forEach: 'name', column: [column('b', 'family')], select: [{ column: [column('a', '%rowIndex')] }] }, { column: [column('c', 'id')] }]
    expect(rowsOf(select, [ANN]).map((row) => Object.keys(row))).toEqual([
      ['b', 'a', 'c'],
      ['b', 'a', 'c'],
    ])
    expect(rowsOf([{ column: [column('constructor', 'id'), column('toString', 'gender')] }], [ANN])).toEqual([{ constructor: 'ann', toString: null }])
  })

  it('are one row of nothing for a forEachOrNull of nothing, whatever is in it, and its index is 0', () => {
    const inner = [{ forEach: 'period', column: [column('start', 'start')] }]
    const select = [
      { column: [column('id', 'id')] },
      {
        forEachOrNull: 'name',
        column: [column('i', '%rowIndex'), column('text', "'x'")],
        select: inner,
        unionAll: [{ column: [column('u', 'use')] }, { column: [column('u', 'use')] }],
      },
    ]
    expect(rowsOf(select, [BARE])).toEqual([{ id: 'bare', i: 0, text: null, start: null, u: null }])
  })

  it('keep nothing of the row before', () => {
    const select = [{ forEachOrNull: 'name', column: [column('family', 'family')] }]
    expect(rowsOf(select, [ANN, BARE, ANN])).toEqual([{ family: 'Reed' }, { family: 'Oak' }, { family: null }, { family: 'Reed' }, { family: 'Oak' }])
  })

  it('follow a repeat from each element to those below it, first to last', () => {
    const item = (linkId: string, ...items: readonly object[]) => ({ linkId, item: items })
    const form = { resourceType: 'Patient', item: [item('1', item('1.1', item('1.1.1')), item('1.2')), item('2')] }
    const rows = rowsOf([{ repeat: ['item'], column: [column('i', '%rowIndex'), column('link', 'linkId')] }], [form])
    expect(rows.map(({ i, link }) => [i, link])).toEqual([
      [0, '1'],
      [1, '1.1'],
      [2, '1.1.1'],
      [3, '1.2'],
      [4, '2'],
    ])
  })

  it('are made only of resources of the view’s type for which every where is true', () => {
    const where = [{ path: 'active' }, { path: "id != 'no'" }]
    const people = [{ ...BARE, active: true }, { ...BARE, active: false }, BARE, { ...BARE, id: 'no', active: true }, { resourceType: 'Group', active: true }]
    expect(rowsOf([{ column: [column('id', 'id')] }], people, { where })).toEqual([{ id: 'bare' }])
  })

  it('have keys that join: references by the URLs of their Bundle too', () => {
    const fullUrls = new Map([['urn:uuid:1', 'Patient/one']])
    const view = prepareView({ resource: 'Observation', select: [{ column: [column('patient', 'subject.getReferenceKey(Patient)')] }] })
    const observation = (reference: string) => ({ resourceType: 'Observation', subject: { reference } })
    expect(view.rowsOf({ resource: observation('urn:uuid:1'), at: '', fullUrls })).toEqual([{ patient: 'Patient/one' }])
    expect(view.rowsOf({ resource: observation('urn:uuid:1'), at: '' })).toEqual([{ patient: null }])
    expect(view.rowsOf({ resource: observation('#p'), at: '' })).toEqual([{ patient: null }])
  })
})

describe('a value that does not fit', () => {
  const of =
    (more: object, path = 'x') =>
    (x: unknown) =>
      faultOf(() => rowsOf([{ column: [column('c', path, more)] }], [BARE, { ...BARE, x }]))

  it('names view and resource', () => {
    expect(of({})(['a', 'b'])).toBe('VIEW_COLUMN_MANY line 2, select[0].column[0].path: expected one value for column `c` (or `collection: true`), found 2')
    expect(of({}, 'x + 1')('a')).toBe('FHIRPATH_TYPE line 2, select[0].column[0].path:3: `+` takes two numbers or two texts, found a number')
    expect(faultOf(() => rowsOf([{ column: [column('c', 'id')] }], [{ ...BARE, x: [1] }, 'text']))).toBe(
      'VIEW_RESOURCE line 2: expected a FHIR resource with a resourceType, found another value',
    )
    expect(faultOf(() => rowsOf([{ column: [column('c', 'id')] }], [{ ...BARE, x: 1 }], { where: [{ path: 'x' }] }))).toContain(
      'VIEW_WHERE line 1, where[0].path:',
    )
  })

  it('is of another type than stated, or has parts and no type is stated', () => {
    expect(of({ type: 'boolean' })('yes')).toContain('VIEW_COLUMN_TYPE line 2')
    expect(of({ type: 'integer' })(1.5)).toContain('VIEW_COLUMN_TYPE')
    expect(of({ type: 'string' })(1)).toContain('VIEW_COLUMN_TYPE')
    expect(of({ type: 'string', collection: true })(['a', 1])).toContain('VIEW_COLUMN_TYPE')
    expect(of({})({ a: 1 })).toContain('VIEW_COLUMN_TYPE')
    expect(of({ collection: true })([{ a: 1 }])).toContain('VIEW_COLUMN_TYPE')
    expect(of({})(JSON.parse('1e999'))).toContain('VIEW_COLUMN_TYPE')
    expect(of({ type: 'Period' })({ start: '2020' })).toBe('none')
    expect(of({ type: 'dateTime' })('2020')).toBe('none')
  })
})

describe('what one resource can cost', () => {
  const many = { ...BARE, a: Array.from({ length: 400 }, (_, i) => ({ i })) }
  const each = (name: string, path = 'a') => ({ forEach: path, column: [column(name, 'i')] })

  it('is bounded in rows', () => {
    expect(faultOf(() => rowsOf([each('x'), each('y')], [many]))).toContain('VIEW_LIMIT line 1: expected at most 100000 rows of one resource')
  })

  it('is bounded in items, also where no row is made', () => {
    expect(faultOf(() => rowsOf([each('x'), each('y'), each('z'), each('w', 'nothing')], [many]))).toContain('VIEW_LIMIT line 1, select[2].forEach')
  })

  it('is bounded in loops, and as many as are allowed run', () => {
    const loops = (count: number) => Array.from({ length: count }, (_, i) => ({ forEach: 'id', unionAll: [{ column: [column(`c${i}`, '$this')] }] }))
    expect(faultOf(() => rowsOf(loops(128), [BARE]))).toBe('none')
    expect(faultOf(() => rowsOf(loops(129), [BARE]))).toContain('VIEW_LIMIT')
  })

  it('lets the longest expressions run', () => {
    const paths = [`${'id.'.repeat(1000)}id`, `${'1+'.repeat(2000)}1`, `${'id|'.repeat(1000)}id`, `active${'.not()'.repeat(600)}`]
    for (const path of paths) expect(faultOf(() => rowsOf([{ column: [column('c', path)] }], [{ ...BARE, active: true }]))).toBe('none')
  })

  it('is bounded in depth', () => {
    const deep = JSON.parse(`{"resourceType":"Patient"${',"item":[{"linkId":"1"'.repeat(5000)}${'}]'.repeat(5000)}}`)
    const repeating = (...repeat: readonly string[]) => [{ repeat, column: [column('id', 'linkId')] }]
    expect(faultOf(() => rowsOf(repeating('item'), [deep]))).toContain('VIEW_LIMIT line 1, select[0].repeat[0]')
    expect(faultOf(() => rowsOf(repeating('$this', '%resource'), [BARE]))).toContain('VIEW_LIMIT')
    expect(faultOf(() => rowsOf([{ column: [column('c', 'item', { type: 'BackboneElement' })] }], [deep]))).toContain('VIEW_LIMIT')
  })
})

// ---- properties -----------------------------------------------------------------------------------------------------------

const name = fc.record({ use: fc.constantFrom('official', 'old', 'usual'), family: fc.string({ maxLength: 3 }) }, { requiredKeys: [] })
const patient = fc.record(
  { resourceType: fc.constantFrom('Patient', 'Group'), id: fc.nat(99).map(String), name: fc.array(name, { maxLength: 4 }) },
  { requiredKeys: ['resourceType', 'id'] },
)
const SELECT = [{ column: [column('id', 'id')] }, { forEachOrNull: 'name', column: [column('i', '%rowIndex'), column('family', 'family')] }]
const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort()

describe('for any patients', () => {
  it('the order of the resources changes nothing but the order of the rows', () => {
    const shuffled = fc.array(patient, { maxLength: 8 }).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(sorted(rowsOf(SELECT, all))).toEqual(sorted(rowsOf(SELECT, other)))
      }),
    )
  })

  it('the rows for which a condition is true, false and open are all rows', () => {
    const conditions = ["name.first().use = 'old'", "name.first().use != 'old'", "(name.first().use = 'old').empty()"]
    fc.assert(
      fc.property(fc.array(patient, { maxLength: 8 }), (all) => {
        const parts = conditions.flatMap((path) => rowsOf(SELECT, all, { where: [{ path }] }))
        expect(sorted(parts)).toEqual(sorted(rowsOf(SELECT, all)))
      }),
    )
  })

  it('a forEach gives as many rows as there are items, a forEachOrNull at least one, a union the sum', () => {
    fc.assert(
      fc.property(patient, (one) => {
        const count = one.resourceType === 'Patient' ? (one.name?.length ?? 0) : 0
        const each = { forEach: 'name', column: [column('family', 'family')] }
        expect(rowsOf([each], [one])).toHaveLength(count)
        expect(rowsOf([each, { forEach: 'name', column: [column('use', 'use')] }], [one])).toHaveLength(count ** 2)
        expect(rowsOf([{ unionAll: [each, each] }], [one])).toHaveLength(2 * count)
        expect(rowsOf(SELECT, [one])).toHaveLength(one.resourceType === 'Patient' ? Math.max(1, count) : 0)
      }),
    )
  })

  it('any JSON gives rows or a typed error', () => {
    const paths = [
      'a',
      'value',
      'a.b.first()',
      'a = b',
      'a < b',
      'a & b',
      'value.ofType(Quantity)',
      "a.extension('x').value",
      'a | b',
      'a.lowBoundary()',
      'b.getReferenceKey()',
    ]
    const resource = fc.dictionary(fc.constantFrom('a', 'b', 'value', 'valueQuantity', '_a', '__proto__', 'reference'), fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.boolean(), resource, (path, collection, json) => {
        const text = JSON.stringify({ ...json, resourceType: 'Patient' })
        const fault = faultOf(() => rowsOf([{ column: [column('c', path, { collection })] }], [JSON.parse(text)]))
        expect(fault).toMatch(/^(?:none|(?:VIEW|FHIRPATH)_[A-Z_]+ line 1)/)
      }),
      { numRuns: 3000 },
    )
  })
})
