import { randomBytes } from 'node:crypto'
import type { SiteRequest } from './study-messages.ts'
import { StudySite } from './study-site.ts'

/** The process of one site of a simulated study: requests and replies as messages, rows and secrets in its own memory. */
const site = new StudySite((length) => new Uint8Array(randomBytes(length)))
process.on('message', (request: SiteRequest) => void site.answer(request).then((reply) => process.send?.(reply)))
