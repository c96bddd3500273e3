import { fork } from 'node:child_process'
import path from 'node:path'
import type { StoryStep } from './narrator.ts'
import type { Story, StoryOptions } from './story.ts'

export type TellOptions = Pick<StoryOptions, 'dir' | 'records' | 'firstPort'>

export type TellMessage = { readonly step: StoryStep } | { readonly story: Story }

/** As `runStory`, in a process of its own: what telling took of memory is not taken from whoever goes on afterwards. */
export function runStoryApart(options: TellOptions, onStep: (step: StoryStep) => void): Promise<Story> {
  return new Promise((resolve, reject) => {
    let story: Story | undefined
    const teller = fork(path.join(import.meta.dirname, 'teller.ts'), [JSON.stringify(options)])
    teller.on('message', (message: TellMessage) => {
      if ('step' in message) onStep(message.step)
      else story = message.story
    })
    teller.once('error', reject)
    teller.once('exit', (code) => (story === undefined ? reject(new Error(`the story ended before its end, with ${code}`)) : resolve(story)))
  })
}
