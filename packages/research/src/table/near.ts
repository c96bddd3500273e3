/** The part of a refusal that helps: the names that come near a wrong one, best first, or nothing. */
export function nearHint(name: string, names: Iterable<string>): string {
  const near = nearestNames(name, [...names])
  return near.length === 0 ? '' : `; near it: ${near.map((one) => `\`${shown(one)}\``).join(', ')}`
}

/** A name as a message shows it, without half a character: cut, because a file can be read with the wrong separator and then a name is a whole line. */
export const shown = (name: string): string => (name.length <= SHOWN ? name : `${name.slice(0, SHOWN)}…`).toWellFormed()

const SHOWN = 60
const NEAREST = 3

function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.slice(0, SHOWN).toLowerCase()
  const liked = names.map((one) => ({ one, distance: editDistance(wanted, one.slice(0, SHOWN).toLowerCase()) }))
  const most = Math.max(2, Math.floor(wanted.length / 2))
  return liked
    .filter(({ one, distance }) => distance <= most && distance < Math.max(one.length, wanted.length))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAREST)
    .map(({ one }) => one)
}

/** Levenshtein's distance by rows: how many letters have to be put in, left out or changed. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 0; i < from.length; i += 1) {
    let diagonal = i
    let left = i + 1
    const row = [left]
    for (let j = 0; j < to.length; j += 1) {
      const up = above[j + 1] ?? 0
      left = Math.min(up + 1, left + 1, diagonal + (from[i] === to[j] ? 0 : 1))
      diagonal = up
      row.push(left)
    }
    above = row
  }
  return above[to.length] ?? 0
}
