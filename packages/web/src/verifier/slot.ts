import { type Unreadable, unreadable } from './answer.ts'

/** A place for one thing that is read by and by. Only the newest reading counts; what goes wrong with it stays in the slot. */
export interface Slot<T> {
  readonly reading: boolean
  readonly value: T | undefined
  readonly failure: Unreadable | undefined
  /** Empties the slot at once and fills it when the reading ends; both times `changed` is called. Never throws. */
  fill(read: () => Promise<T | undefined>): Promise<void>
}

export function createSlot<T>(changed: () => void): Slot<T> {
  let turn = 0
  let now: Pick<Slot<T>, 'reading' | 'value' | 'failure'> = { reading: false, value: undefined, failure: undefined }
  const set = (next: Partial<typeof now>) => {
    now = { reading: false, value: undefined, failure: undefined, ...next }
    changed()
  }
  return {
    get reading() {
      return now.reading
    },
    get value() {
      return now.value
    },
    get failure() {
      return now.failure
    },
    async fill(read) {
      turn += 1
      const mine = turn
      set({ reading: true })
      const next = await read().then(
        (value) => ({ value }),
        (error: unknown) => ({ failure: unreadable(error) }),
      )
      if (mine === turn) set(next)
    },
  }
}
