import { describe, expect, it } from 'vitest'
import { ViewError } from './errors.ts'
import { prepareView } from './run-view.ts'

const id = { name: 'id', path: 'id' }
const view = (more: object) => ({ resourceType: 'ViewDefinition', resource: 'Patient', select: [{ column: [id] }], ...more })
const selecting = (...select: readonly unknown[]) => view({ select })

function faultOf(document: unknown): string {
  try {
    prepareView(document)
    return 'none'
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    return `${error.code} ${error.message}`
  }
}

describe('a view that is not valid', () => {
  it.each<readonly [what: string, document: unknown, fault: string]>([
    ['no object', [], 'VIEW_INVALID expected an object, found a list'],
    ['another resource', view({ resourceType: 'Patient' }), 'VIEW_INVALID resourceType: expected a ViewDefinition'],
    ['a strange status', view({ status: 'done' }), 'VIEW_INVALID status:'],
    ['no type', { select: [{ column: [id] }] }, 'VIEW_INVALID resource: expected the type of a resource, found nothing'],
    ['a type that is none', view({ resource: 'patient' }), 'VIEW_INVALID resource:'],
    ['a name that no database takes', view({ name: 'my view' }), 'VIEW_INVALID name:'],
    ['no select', view({ select: [] }), 'VIEW_INVALID select: expected a list with something in it, found an empty one'],
    ['an unknown member', view({ wher: [] }), 'VIEW_INVALID expected only members that a ViewDefinition has here, found `wher`'],
    ['a slip in a select', selecting({ forEachOrnull: 'name', column: [id] }), 'VIEW_INVALID select[0]: expected only members'],
    ['an unknown member of a column', selecting({ column: [{ ...id, alias: 'x' }] }), 'VIEW_INVALID select[0].column[0]:'],
    [
      'a column without a path',
      selecting({ column: [{ name: 'id' }] }),
      'VIEW_INVALID select[0].column[0].path: expected a FHIRPath expression, found nothing',
    ],
    ['a column without a name', selecting({ column: [{ path: 'id' }] }), 'VIEW_INVALID select[0].column[0].name:'],
    ['a column that begins with `_`', selecting({ column: [{ path: 'id', name: '_id' }] }), 'VIEW_INVALID select[0].column[0].name:'],
    ['a type that is no text', selecting({ column: [{ ...id, type: 1 }] }), 'VIEW_INVALID select[0].column[0].type:'],
    ['a collection that is no boolean', selecting({ column: [{ ...id, collection: 'yes' }] }), 'VIEW_INVALID select[0].column[0].collection:'],
    [
      'two loops',
      selecting({ forEach: 'name', repeat: ['item'], column: [id] }),
      'VIEW_INVALID select[0]: expected at most one of forEach, forEachOrNull and repeat',
    ],
    ['an empty path', selecting({ forEach: ' ', column: [id] }), 'VIEW_INVALID select[0].forEach: expected a FHIRPath expression, found an empty text'],
    ['an empty repeat', selecting({ repeat: [], column: [id] }), 'VIEW_INVALID select[0].repeat:'],
    ['no columns', selecting({ forEach: 'name' }), 'VIEW_COLUMNS select: expected a column, found none'],
    [
      'a column twice',
      selecting({ column: [id] }, { select: [{ column: [id] }] }),
      'VIEW_COLUMNS select[1].select[0].column[0].path: expected each column once, found `id` again',
    ],
    [
      'a union of two types',
      selecting({ unionAll: [{ column: [{ ...id, type: 'id' }] }, { column: [{ ...id, type: 'string' }] }] }),
      'VIEW_COLUMNS select[0].unionAll[1]:',
    ],
    [
      'a union of list and value',
      selecting({ unionAll: [{ column: [id] }, { column: [{ ...id, collection: true }] }] }),
      'VIEW_COLUMNS select[0].unionAll[1]:',
    ],
    ['a constant without a value', view({ constant: [{ name: 'a' }] }), 'VIEW_CONSTANT constant[0]: expected exactly one value of constant `a`, found none'],
    [
      'a constant with two',
      view({ constant: [{ name: 'a', valueCode: 'x', valueId: 'y' }] }),
      'VIEW_CONSTANT constant[0]: expected exactly one value of constant `a`, found several',
    ],
    [
      'a constant of another type',
      view({ constant: [{ name: 'a', valueInteger: 1.5 }] }),
      'VIEW_CONSTANT constant[0]: expected `valueInteger` of its type, found a number',
    ],
    ['a constant with parts', view({ constant: [{ name: 'a', valueQuantity: {} }] }), 'VIEW_INVALID constant[0]: expected only members'],
    [
      'a constant twice',
      view({
        constant: [
          { name: 'a', valueCode: 'x' },
          { name: 'a', valueCode: 'y' },
        ],
      }),
      'VIEW_CONSTANT constant[1]: expected a name that is free, found `a`',
    ],
    ['a constant of FHIRPath', view({ constant: [{ name: 'resource', valueCode: 'x' }] }), 'VIEW_CONSTANT constant[0]: expected a name that is free'],
    [
      'a where that cannot be true',
      view({ where: [{ path: "'x'" }] }),
      'VIEW_WHERE where[0].path: expected true or false, found an expression that never gives it',
    ],
    [
      'a path that is no FHIRPath',
      selecting({ column: [{ name: 'a', path: 'name[' }] }),
      'FHIRPATH_SYNTAX select[0].column[0].path:6: expected a path, a value or `(`, found its end',
    ],
    [
      'a function that is not known',
      selecting({ forEach: 'name.descendants()', column: [id] }),
      'FHIRPATH_UNKNOWN select[0].forEach:6: the function `descendants()` is not known here',
    ],
    [
      'the type within a forEach',
      selecting({ forEach: 'name', column: [{ name: 'a', path: 'Patient.id' }] }),
      'FHIRPATH_UNKNOWN select[0].column[0].path:1: expected the name of an element',
    ],
    [
      'too many columns',
      selecting({ column: Array.from({ length: 1601 }, (_, i) => ({ name: `c${i}`, path: 'id' })) }),
      'VIEW_LIMIT select[0].column: expected at most 1600, found 1601',
    ],
    [
      'too many columns in all',
      selecting(...['a', 'b'].map((name) => ({ column: Array.from({ length: 1000 }, (_, i) => ({ name: `${name}${i}`, path: 'id' })) }))),
      'VIEW_LIMIT',
    ],
  ])('%s', (_, document, fault) => {
    expect(faultOf(document)).toContain(fault)
  })

  it('is one that is nested too deeply', () => {
    const nested = JSON.parse(`{"select":[`.repeat(40) + '{"column":[{"name":"a","path":"id"}]}' + ']}'.repeat(40)) as { select: unknown[] }
    expect(faultOf(view({ select: nested.select }))).toContain('VIEW_LIMIT')
  })
})

describe('a view that is valid', () => {
  it.each([
    ['as the specification’s logical model', view({ resourceType: 'https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition' })],
    ['without a resourceType', { resource: 'Patient', select: [{ column: [id] }] }],
    ['with what describes it', view({ url: 'urn:x', title: 't', fhirVersion: ['4.0.1'], contact: [{}], _title: { extension: [] }, extension: [{ url: 'x' }] })],
    ['with descriptions and tags', selecting({ id: 's', column: [{ ...id, description: 'd', tag: [{ name: 'ansi/type', value: 'TEXT' }] }] })],
    ['with a type by its URI', selecting({ column: [{ ...id, type: 'http://hl7.org/fhir/StructureDefinition/id' }] })],
    ['with a union whose second branch states no types', selecting({ unionAll: [{ column: [{ ...id, type: 'id' }] }, { column: [id] }] })],
  ])('%s', (_, document) => {
    expect(faultOf(document)).toBe('none')
    expect(prepareView(document).columns[0]?.name).toBe('id')
  })
})
