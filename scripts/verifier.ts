import path from 'node:path'
import { root } from './run.ts'
import { noteHash, notedHash, pageFile, writePage } from './verifier-page.ts'

/** `npm run verifier`: the verifier page as one file. With `--note` its SHA-256 goes into the release notes. */
const args = process.argv.slice(2)
if (args.some((arg) => arg !== '--note')) {
  process.stderr.write(`expected nothing or --note, found \`${args.join(' ')}\`\n`)
  process.exit(2)
}
const { sizeBytes, sha256 } = await writePage()
if (args.includes('--note')) noteHash(sha256)
process.stdout.write(`${path.relative(root, pageFile())}: ${sizeBytes} bytes\nSHA-256 ${sha256}\n`)
if (notedHash() !== sha256) process.stdout.write('CHANGELOG.md names another; `npm run verifier -- --note` writes this one there\n')
