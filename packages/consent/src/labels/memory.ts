import { MAX_REMEMBERED_CODES, MAX_REMEMBERED_NAME, MAX_REMEMBERED_SYSTEMS } from '../limits.ts'

/**
 * A bounded memory of answers about codings. Records name the same few codes over and over, so nearly every question was
 * asked before. What does not fit makes it forget everything and begin anew: invented codes cost time and nothing else.
 */
export interface Memory<Answer> {
  /** The remembered answers about a system's codes. */
  readonly codesOf: (system: string) => ReadonlyMap<string, Answer> | undefined
  readonly remember: (system: string, code: string, display: string | undefined, answer: Answer) => void
}

export function newMemory<Answer>(): Memory<Answer> {
  const systems = new Map<string, Map<string, Answer>>()
  let size = 0
  return {
    codesOf: (system) => systems.get(system),
    remember: (system, code, display, answer) => {
      if (system.length + code.length + (display?.length ?? 0) > MAX_REMEMBERED_NAME) return
      if (size >= MAX_REMEMBERED_CODES || (systems.size >= MAX_REMEMBERED_SYSTEMS && !systems.has(system))) {
        systems.clear()
        size = 0
      }
      const codes = systems.get(system) ?? new Map<string, Answer>()
      systems.set(system, codes)
      codes.set(code, answer)
      size += 1
    },
  }
}
