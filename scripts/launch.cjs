// The one entry for `npm start`, `npm test` and the `fiducia` command. Plain JavaScript that Node 18 understands, because
// before the first install that may be the only Node there is. It installs what the lock file names when that is not what
// is installed, finds a Node 24 (the running one, or the one shipped as a dependency), and hands over, signals included.
'use strict'
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const modules = path.join(root, 'node_modules')
const stamp = path.join(modules, '.fiducia-installed')
const WANTED_MAJOR = 24

function lockDigest() {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
}

function installWhatIsMissing() {
  const wanted = lockDigest()
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('fiducia: installing dependencies (first start only, under a minute)\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const environment = { ...process.env, NODE_ENV: '' }
  const result = spawnSync(npm, ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: environment,
  })
  if (result.status !== 0) fail('could not install dependencies: `npm ci` failed; run it by hand to see why')
  fs.writeFileSync(stamp, wanted)
}

function shippedNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = path.join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return fs.existsSync(file) ? file : undefined
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) return process.execPath
  const shipped = shippedNode()
  if (shipped !== undefined) return shipped
  return fail(`Node ${WANTED_MAJOR} or newer is needed and none is shipped for ${process.platform} ${process.arch}; found ${process.version}`)
}

function fail(message) {
  process.stderr.write(`fiducia: ${message}\n`)
  process.exit(2)
}

const SCRIPTS = new Set(['test', 'test:full', 'test:external', 'check', 'bench', 'mutate', 'rules', 'simulate', 'reference', 'vectors', 'verifier'])

function entry(args) {
  if (SCRIPTS.has(args[0])) return [path.join(root, 'scripts', `${args[0].replace(':', '-')}.ts`), ...args.slice(1)]
  if (args[0] === 'start') return [path.join(root, 'packages', 'cli', 'src', 'main.ts'), 'demo', ...args.slice(1)]
  return [path.join(root, 'packages', 'cli', 'src', 'main.ts'), ...args]
}

const page = path.join(root, 'packages', 'web', 'dist', 'verify.html')

/** What the page is made of: the pure packages, its own sources, the dependencies. */
function newestSource() {
  const sources = ['core', 'consent', 'ledger', 'proofs', 'web'].map((name) => path.join(root, 'packages', name, 'src'))
  const files = sources.flatMap((folder) => fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name))))
  return Math.max(...[...files, path.join(root, 'package-lock.json')].map((file) => fs.statSync(file).mtimeMs))
}

/** The demo serves the verifier page; a start without it is still a start. */
function buildPageWhenOld(node, environment) {
  if (fs.existsSync(page) && fs.statSync(page).mtimeMs >= newestSource()) return
  const result = spawnSync(node, entry(['verifier']), { stdio: ['ignore', 'ignore', 2], env: environment })
  if (result.status !== 0) process.stderr.write('fiducia: the verifier page could not be built; `npm run verifier` says why\n')
}

function run(args) {
  installWhatIsMissing()
  const node = findNode()
  const environment = {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || path.join(modules, '.cache', 'compile'),
    PATH: path.dirname(node) + path.delimiter + process.env.PATH,
  }
  if (args[0] === 'start') buildPageWhenOld(node, environment)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...entry(args)], { stdio: 'inherit', env: environment })
  // A terminal sends Ctrl-C to the whole group; the child must outlive it to stop cleanly, and so must this process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(error.message))
  child.on('close', (code, signal) => process.exit(code === null ? 128 + (signal === 'SIGINT' ? 2 : 15) : code))
}

module.exports = { run }
if (require.main === module) run(process.argv.slice(2))
