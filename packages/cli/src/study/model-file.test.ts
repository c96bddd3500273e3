import { describe, expect, it } from 'vitest'
import { estimated, studyResult, studySpec, without } from '../../test/study-results.ts'
import { modelFile } from './model-file.ts'
import { encodeSafetensors } from './safetensors.ts'

interface Read {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: Readonly<Record<string, readonly number[]>>
}

/** As the format's own description has it: every byte after the header belongs to exactly one tensor, in their order. */
function readSafetensors(file: Uint8Array): Read {
  const bytes = Buffer.from(file)
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: metadata, ...places } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end)))
  let next = 0
  const tensors: Record<string, readonly number[]> = {}
  for (const [name, place] of Object.entries<any>(places)) {
    const [from, to] = place.data_offsets
    expect({ name, dtype: place.dtype, from, length: (to - from) / 8 }).toEqual({ name, dtype: 'F64', from: next, length: place.shape[0] })
    tensors[name] = Array.from({ length: place.shape[0] }, (_, i) => bytes.readDoubleLE(end + from + 8 * i))
    next = to
  }
  expect(end % 8).toBe(0)
  expect(bytes.length).toBe(end + next)
  return { metadata, tensors }
}

describe('safetensors', () => {
  it('have a header of whole words, whatever its letters', () => {
    for (let length = 0; length < 9; length += 1)
      expect(readSafetensors(encodeSafetensors(new Map([['a', [1.5, -0, Infinity]]]), { note: 'é'.repeat(length) }))).toEqual({
        metadata: { note: 'é'.repeat(length) },
        tensors: { a: [1.5, -0, Infinity] },
      })
  })

  it('may have no numbers and no tensors', () => {
    expect(readSafetensors(encodeSafetensors(new Map(), {}))).toEqual({ metadata: {}, tensors: {} })
    expect(
      readSafetensors(
        encodeSafetensors(
          new Map([
            ['a', []],
            ['b', [2]],
          ]),
          {},
        ),
      ).tensors,
    ).toEqual({ a: [], b: [2] })
  })
})

describe('the file of a model', () => {
  const spec = studySpec({ name: 'glm', family: 'poisson', formula: 'y ~ x + f', ridge: 0.5 }, { standardize: 'global' })

  it('has coefficients by name, and what they are for', () => {
    const coefficients = { '(Intercept)': estimated(0.1, 0.01), x: estimated(-2, 0.5), 'f<b>"é': without('aliased') }
    const { tensors, metadata } = readSafetensors(modelFile(spec, 'HASH', studyResult({ coefficients })) ?? new Uint8Array())
    expect(tensors).toEqual({ coefficients: [0.1, -2, Number.NaN], standard_errors: [0.01, 0.5, Number.NaN] })
    expect(JSON.parse(metadata['names'] ?? '')).toEqual(Object.keys(coefficients))
    expect(JSON.parse(metadata['kinds'] ?? '')).toEqual(['estimated', 'estimated', 'aliased'])
    expect(metadata).toMatchObject({
      method: 'glm',
      family: 'poisson',
      link: 'log',
      formula: 'y ~ x + f',
      spec: 'HASH',
      ridge: '0.5',
      standardize: 'global',
      rows: '300',
    })
  })

  it('has the scale on which they were found', () => {
    const coefficients = { x: estimated(1, 1), f: estimated(1, 1) }
    const standardization = { x: { mean: 5, deviation: 2 }, f: { mean: 0.5, deviation: 0.1 } }
    const { tensors } = readSafetensors(modelFile(spec, 'HASH', studyResult({ coefficients, standardization })) ?? new Uint8Array())
    expect(tensors).toMatchObject({ means: [5, 0.5], deviations: [2, 0.1] })
  })

  it('of a Cox model says whose baseline it is', () => {
    const cox = studySpec({ name: 'cox', formula: 'Surv(t, y) ~ x' })
    const { metadata } = readSafetensors(modelFile(cox, 'HASH', studyResult({ coefficients: { x: without('infinite') } })) ?? new Uint8Array())
    expect(metadata).toMatchObject({ method: 'cox', ties: 'efron', baseline: 'site', kinds: '["infinite"]' })
  })

  it('is there for models alone', () => {
    expect(modelFile(studySpec({ name: 'count' }), 'HASH', studyResult())).toBeUndefined()
  })
})
