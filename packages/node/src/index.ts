/** `@fiducia/node`: one member's node. `openNode` starts it; everything it serves is under `services`. */
export { type NodeConfig, ConfigError, loadConfig } from './config.ts'
export { type FiduciaNode, nodeFiles, type NodePorts, openNode } from './node.ts'
export { type BuiltInSilo, type SiloResource, startBuiltInSilo } from './silo/built-in.ts'
export { createLogger, type Logger, silentLogger } from './logger.ts'
export { NODE_FAILURES, NodeFailure, type NodeFailureCode } from './failures.ts'
export type { AccessQuestion, Practitioner, Received } from './requester/exchange.ts'
export type { Interaction } from './gateway/access-request.ts'
export { type Answer, httpTransport, type Message, type Transport } from './peers/transport.ts'
