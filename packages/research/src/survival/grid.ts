import { pointsBelow } from '../statistics/tables.ts'

/**
 * Where on a public grid a row is: at the first point that is not before its time, for events and censorings alike. What is later than the last
 * point is seen there without the event. So numbers on the grid are those of R for the data moved in this way, and all rows stay at risk as long
 * as some grid point can tell.
 */
export function toGrid(grid: readonly number[], time: number, event: number): { readonly at: number; readonly event: number } {
  const at = pointsBelow(grid, time)
  return at < grid.length ? { at, event } : { at: grid.length - 1, event: 0 }
}
