import { check } from './check.ts'
import { addCounts, finish, runSuite } from './suite.ts'
import { findTools } from './tools.ts'

/** `npm test`: check, unit, property and integration tests, one smoke test of each heavy kind. */
const tools = findTools()
const checked = check()
finish(addCounts({ ...checked, skipped: 0 }, runSuite(['unit', 'smoke'], tools.env)), tools.missing)
