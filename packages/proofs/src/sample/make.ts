import type { NetworkId, OrganizationId } from '@fiducia/core'
import { drawPlaces, placeIn } from './draw.ts'
import { figuresOf } from './figures.ts'
import type { PlacedLine, SamplePack } from './pack.ts'

/** What a sample is made of: the member's batches that count, by number, and its lines. */
export interface SampleSource {
  readonly net: NetworkId
  readonly org: OrganizationId
  readonly batches: readonly { readonly n: number; readonly count: number }[]
  placed(n: number, index: number): PlacedLine
  /** The newest line of the same subject under the same origin, null when that is the line itself. */
  newestOf(drawn: PlacedLine): PlacedLine | null
}

export interface SampleRequest {
  readonly days: number
  readonly size: number
  /** The block that draws. */
  readonly block: { readonly stateRoot: Uint8Array; readonly time: number }
}

/** The pack, without signature and records. */
export function makeSample(source: SampleSource, { days, size, block }: SampleRequest): SamplePack {
  const { net, org, batches } = source
  const counts = batches.map(({ count }) => count)
  const statements = counts.reduce((sum, count) => sum + count, 0)
  const sample = drawPlaces({ stateRoot: block.stateRoot, org }, statements, size).map((place) => {
    const { batch, index } = placeIn(counts, place)
    const drawn = source.placed(batches[batch]?.n ?? 0, index)
    return { drawn, newest: source.newestOf(drawn) }
  })
  const figures = figuresOf(
    sample.map(({ drawn, newest }) => (newest ?? drawn).line),
    { statements, days, time: block.time },
  )
  return { v: 1, net, org, days, size, sample, figures }
}
