/** `@fiducia/testkit`: a whole network in one process, synthetic people and records, the story. For tests and the demo only. */
export { createSteppingClock, type SteppingClock, wallClock } from './clock.ts'
export * from './network/plan.ts'
export { type Network, type NetworkOptions, startNetwork } from './network/network.ts'
