/** `@fiducia/testkit`: a whole network in one process, synthetic people and records, the story. For tests and the demo only. */
export { createSteppingClock, type SteppingClock, wallClock } from './clock.ts'
export * from './network/plan.ts'
export { type Network, type NetworkOptions, startNetwork } from './network/network.ts'
export { openTheater, runStory, type Story, type StoryOptions, tellStory, type Theater } from './story/story.ts'
export type { StoryStep } from './story/narrator.ts'
export { type PageOptions, type PageServer, servePage } from './page/server.ts'
export { freePort } from './network/files.ts'
