import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { fsck } from './commands/fsck.ts'
import { readArchiveFile, readFolder } from './commands/read-bundle.ts'
import { runDemo } from './commands/demo.ts'
import { verify } from './commands/verify.ts'

/** Whatever is typed: exit code 2, one line for each problem that says what was expected and what came, one JSON value; never a stack trace. */

const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-cli-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const at = (name: string): string => path.join(dir, name)
const file = (name: string, content: string | Uint8Array = ''): string => {
  mkdirSync(path.dirname(at(name)), { recursive: true })
  writeFileSync(at(name), content)
  return at(name)
}
const folder = (name: string): string => {
  mkdirSync(at(name), { recursive: true })
  return at(name)
}

const main = path.join(import.meta.dirname, 'main.ts')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    )
  })

describe('the command', () => {
  it('ends with 2, a line and one JSON value for each kind of bad use', async () => {
    const cases: readonly (readonly string[])[] = [
      [],
      ['bogus'],
      ['verify'],
      ['verify', at('nothing')],
      ['verify', folder('empty')],
      ['verify', dir, '--bogus'],
      ['verify', dir, dir],
      ['verify', file('some/file'), '--trust', folder('empty')],
      ['fsck', file('some/file')],
      ['consent'],
      ['consent', 'decide', folder('empty')],
      ['consent', 'decide', file('case.json', '{"at":')],
      ['consent', 'decide', file('latin.json', Uint8Array.of(0x7b, 0xff, 0x7d))],
      ['consent', 'preview', at('nothing')],
      ['consent', 'preview', at('nothing'), at('nothing'), '--actors', at('nothing'), '--record', at('nothing')],
      ['serve'],
      ['serve', '--config', folder('empty')],
      ['witness'],
      ['witness', '--config', folder('empty')],
      ['network'],
      ['network', 'create', at('nothing'), '--out', at('never')],
      ['network', 'create', file('manifest.json', '{"net": 7}'), '--out', at('never')],
      ['network', 'create', path.join(import.meta.dirname, '..', 'examples', 'network.json'), '--out', dir],
      ['network', 'keys', 'No Name', '--out', at('never')],
      ['network', 'keys', 'elm', '--out', at('never'), '--operator', '--witness-only'],
      ['network', 'start', folder('empty')],
      ['network', 'status'],
      ['network', 'status', folder('empty')],
      ['network', 'status', '--genesis', file('genesis.json', '{}')],
      ['network', 'stop', at('nothing')],
      ['network', 'export', folder('empty'), '--out', at('never')],
      ['network', 'import', folder('empty'), '--out', at('never')],
      ['link'],
      ['link', 'suggest', at('nothing')],
      ['link', 'suggest', at('nothing'), at('nothing')],
      ['link', 'suggest', file('empty.csv'), file('empty.csv')],
      ['link', 'suggest', file('people.csv', 'id,name\n1,a\n'), file('ragged.csv', 'id,name\n1\n')],
      ['link', 'suggest', at('people.csv'), at('people.csv'), '--threshold', '2'],
      ['link', 'suggest', at('people.csv'), at('people.csv'), '--id', 'nothing'],
      ['link', 'suggest', at('people.csv'), at('people.csv'), '--key', file('short.key', '00')],
      ['study'],
      ['study', 'simulat', at('nothing')],
      ['view'],
      ['view', 'run', at('nothing')],
      ['view', 'run', at('nothing'), at('nothing')],
      ['view', 'run', file('view.json', '{}'), folder('empty')],
      ['demo', '--port', '99999'],
      ['demo', '--once', '--records', file('some/file')],
    ]
    const ended: Ended[] = []
    let next = 0
    // A few at once: forty processes that start together wait for each other beyond any time limit.
    const lane = async () => {
      for (let i = next++; i < cases.length; i = next++) {
        const args = cases[i] ?? []
        ended[i] = await run(...args, ...(args.length === 0 ? [] : ['--json']))
      }
    }
    await Promise.all([lane(), lane(), lane()])
    ended.forEach(({ code, stdout, stderr }, i) => {
      const what = cases[i]?.join(' ')
      expect(code, what).toBe(2)
      expect(stderr, what).toMatch(/^(fiducia: .+\n)+$/)
      expect(stderr, what).not.toMatch(/ {4}at |node:internal|EISDIR|ENOTDIR|ENOENT/)
      if (i > 0) expect(JSON.parse(stdout), what).toMatchObject({ error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) } })
    })
  })

  it('says nothing about a reader that stops reading', () => {
    const shell = `"${process.execPath}" "${main}" --help | head -n 1`
    expect(execFileSync('sh', ['-c', shell], { encoding: 'utf8' })).toContain('Usage')
  })
})

const codeOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
    return 'no error'
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

describe('verify', () => {
  const small = (name: string) => file(`${name}/head.json`, '{}') && at(name)

  it('reads no link, device or pipe, and no more than the limits', async () => {
    symlinkSync(file('target.json', '{}'), path.join(small('linked'), 'state.json'))
    symlinkSync(dir, path.join(small('looped'), 'loop'))
    symlinkSync('/dev/zero', path.join(small('endless'), 'block.leaf'))
    execFileSync('mkfifo', [path.join(small('piped'), 'block.leaf')])
    for (const name of ['linked', 'looped', 'endless', 'piped']) expect(await codeOf(() => readFolder(at(name)))).toBe('FILE_KIND')
    expect(await codeOf(() => verify('/dev/zero', { leaf: at('target.json') }))).toBe('FILE_KIND')
    expect(await codeOf(() => verify(small('trusting'), { trust: '/dev/zero' }))).toBe('FILE_KIND')

    for (let i = 0; i < 10_000; i += 1) file(`many/${i}.json`)
    expect(await codeOf(() => readFolder(at('many')))).toBe('BUNDLE_TOO_LARGE')
    for (let i = 0; i < 1001; i += 1) folder(`deep/${i}`)
    expect(await codeOf(() => readFolder(at('deep')))).toBe('BUNDLE_TOO_LARGE')
    truncateSync(file('huge/block.leaf'), 10 * 1024 ** 3)
    expect(await codeOf(() => readFolder(at('huge')))).toBe('BUNDLE_TOO_LARGE')
    for (let i = 0; i < 9; i += 1) truncateSync(file(`heavy/${i}.json`), 8 * 1024 ** 2)
    expect(await codeOf(() => readFolder(at('heavy')))).toBe('BUNDLE_TOO_LARGE')
    truncateSync(file('huge.policy'), 10 * 1024 ** 3)
    expect(await codeOf(() => verify(small('trusting'), { trust: at('huge.policy') }))).toBe('FILE_TOO_LARGE')
  })

  it('unpacks no archive that holds much more than it says, or one name twice', async () => {
    const zeros = new Uint8Array(8 * 1024 ** 2)
    const bomb = zipSync(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.json`, zeros])), { level: 9 })
    expect(bomb.length).toBeLessThan(200_000)
    expect(await codeOf(() => readArchiveFile(file('bomb.zip', bomb)))).toBe('BUNDLE_TOO_LARGE')
    const twice = Buffer.from(zipSync({ 'head.json': new Uint8Array(1), 'hea2.json': new Uint8Array(2) }, { level: 0 }))
    const same = Buffer.from(twice.toString('latin1').replaceAll('hea2.json', 'head.json'), 'latin1')
    expect(readArchiveFile(file('two.zip', twice)).size).toBe(2)
    expect(await codeOf(() => readArchiveFile(file('twice.zip', same)))).toBe('FILE_UNREADABLE')
    expect(await codeOf(() => readArchiveFile(file('none.zip', zipSync({}))))).toBe('BUNDLE_EMPTY')
    expect(await codeOf(() => readArchiveFile(file('broken.zip', 'PK')))).toBe('FILE_UNREADABLE')
  })

  it('lets no file name write its own lines', () => {
    file('named/head.json', '{}')
    file('named/x\nVALID: access\u001b[2J')
    const { exitCode, text } = verify(at('named'), {})
    expect(exitCode).toBe(1)
    expect(text).not.toMatch(/^VALID/m)
    expect(text).not.toContain('\u001b')
  })

  it('names what cannot be read', async () => {
    const secret = file('secret/head.json', '{}')
    chmodSync(secret, 0)
    // Root reads everything.
    expect(['FILE_UNREADABLE', 'no error']).toContain(await codeOf(() => readFolder(at('secret'))))
    expect(await codeOf(() => verify(file('a.tlog-proof', 'x'), {}))).toBe('FILE_MISSING')
    expect(await codeOf(() => verify(at('a.tlog-proof'), { leaf: at('nothing') }))).toBe('FILE_MISSING')
    expect(await codeOf(() => verify(at('a.tlog-proof'), { leaf: dir }))).toBe('FILE_KIND')
    expect(await codeOf(() => verify(at('a.tlog-proof'), { leaf: file('a.leaf', 'x'), trust: file('bom.policy', '\uFEFFlog x') }))).not.toBe('TypeError')
  })
})

describe('fsck and demo', () => {
  it('take only a node’s data directory, and only a story that was told to its end', async () => {
    expect(await codeOf(() => fsck(folder('empty')))).toBe('FOLDER_FOREIGN')
    expect(await codeOf(() => fsck(at('nothing')))).toBe('FILE_MISSING')
    for (const [name, story] of [
      ['interrupted', undefined],
      ['torn', '{"ok":tr'],
      ['failed', '{"ok":false,"steps":[]}'],
    ] as const) {
      file(`${name}/genesis.json`, '{}')
      if (story !== undefined) file(`${name}/story.json`, story)
      expect(await codeOf(() => runDemo({ out: at(name) }))).toBe('FOLDER_NOT_EMPTY')
      expect(await codeOf(() => runDemo({ once: true, out: at(name) }))).toBe('FOLDER_NOT_EMPTY')
    }
    expect(await codeOf(() => runDemo({ out: file('some/file') }))).toBe('FILE_KIND')
    expect(await codeOf(() => runDemo({ records: at('nothing') }))).toBe('FILE_MISSING')
  })
})
