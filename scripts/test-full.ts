import { finish, runSuite } from './suite.ts'
import { findTools } from './tools.ts'

/** `npm run test:full`: the long ones (simulations, fault tables, storms, journeys). */
const tools = findTools()
finish(runSuite(['full'], tools.env), tools.missing)
