/** One piece of work at a time for each key, in the order of arrival (PROTOCOL section 3: acknowledgment and release are serialized per handle). */
export interface Locks {
  run<T>(key: string, work: () => Promise<T> | T): Promise<T>
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>()
  return {
    async run(key, work) {
      const before = tails.get(key) ?? Promise.resolve()
      const mine = before.then(work, work)
      const settled = mine.then(
        () => undefined,
        () => undefined,
      )
      tails.set(key, settled)
      try {
        return await mine
      } finally {
        if (tails.get(key) === settled) tails.delete(key)
      }
    },
  }
}
