import { existsSync } from 'node:fs'
import path from 'node:path'
import { finish, runSuite } from './suite.ts'
import { findTools } from './tools.ts'

/** `npm run test:external -- DATA`: every outside set, from the folder that holds them. */
const data = path.resolve(process.argv[2] ?? '../shared/data')
if (!existsSync(path.join(data, 'README.md'))) {
  process.stderr.write(`expected the folder with the outside data, found nothing at \`${data}\`: npm run test:external -- ../shared/data\n`)
  process.exit(2)
}
const tools = findTools()
finish(runSuite(['external'], { ...tools.env, FIDUCIA_DATA: data }), tools.missing)
