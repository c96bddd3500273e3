/** Telling a story step by step: each step is timed, has one or more sentences, and says where its proof is. */
export interface StoryStep {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly detail: string
  /** Folder of a proof bundle, relative to the story's folder. */
  readonly proof?: string
}

/** What a step tells: a sentence, and its proof. */
export interface Told {
  readonly detail: string
  readonly proof?: string
}

export interface Narrator {
  readonly steps: readonly StoryStep[]
  /** Runs one step; what it throws is told as a failure, and no later step is run. */
  tell(name: string, work: () => Promise<Told>): Promise<void>
}

/** A step that did not go as the story says. */
export class StoryError extends Error {}

/** Throws a `StoryError` unless it holds. */
export function expectStory(holds: boolean, what: string): asserts holds {
  if (!holds) throw new StoryError(what)
}

export function createNarrator(nowMs: () => number, onStep: (step: StoryStep) => void): Narrator {
  const steps: StoryStep[] = []
  return {
    steps,
    async tell(name, work) {
      if (steps.some((step) => !step.ok)) return
      const start = nowMs()
      const step = await work().then(
        (told): StoryStep => ({ name, ok: true, ms: elapsed(), ...told }),
        (error: unknown): StoryStep => ({ name, ok: false, ms: elapsed(), detail: error instanceof Error ? error.message : 'failed' }),
      )
      steps.push(step)
      onStep(step)

      function elapsed(): number {
        return Math.round((nowMs() - start) * 10) / 10
      }
    },
  }
}
