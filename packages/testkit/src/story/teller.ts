import type { TellOptions, TellMessage } from './tell-apart.ts'
import { runStory } from './story.ts'

/** The process that `tell-apart.ts` starts: options in its only argument, steps and the story as messages. */
const options = JSON.parse(process.argv[2] ?? '') as TellOptions
const say = (message: TellMessage): void => void process.send?.(message)
say({ story: await runStory({ ...options, onStep: (step) => say({ step }) }) })
process.disconnect()
