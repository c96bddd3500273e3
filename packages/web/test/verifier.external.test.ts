import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkInPage, CHROMIUM, HOW_TO_GET_IT, openPage, type OpenPage } from './browser.ts'
import { changes, type Inputs, makeInputs, readBundle } from './inputs.ts'

/** Public Go code (x/mod/sumdb, torchwood) and the page on every tlog-proof of the story, good and changed; and the program of the guide. */
const goverify = path.resolve(process.env['FIDUCIA_DATA'] ?? '../shared/data', '../checks/goverify')
const guide = path.resolve(import.meta.dirname, '../../../docs/guide/verify-a-proof.md')
const hasGo = spawnSync('go', ['version']).status === 0
const PLACES = 12

const linesOf = (proof: Uint8Array): readonly string[] => Buffer.from(proof).toString('latin1').split('\n')
/** `extra`, and signature lines, which begin with an em dash. */
const OVERLOOKED = /^(?:extra |\u00e2\u0080\u0094 )/

interface Proof {
  readonly name: string
  readonly proof: Uint8Array
  readonly leaf: Uint8Array
}

describe.skipIf(CHROMIUM === undefined || !hasGo)(`verify.html and Go ${HOW_TO_GET_IT}; needs Go on the PATH`, () => {
  let inputs: Inputs
  let open: OpenPage
  const built = (name: string) => path.join(inputs.dir, 'go', name)
  beforeAll(async () => {
    inputs = await makeInputs()
    open = await openPage()
    mkdirSync(built('guide'), { recursive: true })
    execFileSync('go', ['build', '-o', built('goverify'), '.'], { cwd: goverify, stdio: 'pipe' })
    const [, program = ''] = /```go\n([\s\S]*?)```/.exec(readFileSync(guide, 'utf8')) ?? []
    writeFileSync(path.join(built('guide'), 'checkproof.go'), program)
    for (const name of ['go.mod', 'go.sum']) copyFileSync(path.join(goverify, name), path.join(built('guide'), name))
    execFileSync('go', ['build', '-o', built('checkproof'), '.'], { cwd: built('guide'), stdio: 'pipe' })
  })
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]()
    rmSync(inputs.dir, { recursive: true, force: true })
  })

  const proofsOf = (folder: string): readonly Proof[] => {
    const files = readBundle(folder)
    return [...files].flatMap(([name, proof]) => {
      const leaf = files.get(name.replace(/\.tlog-proof$/, '.leaf'))
      return name.endsWith('.tlog-proof') && leaf !== undefined ? [{ name: `${path.basename(folder)}/${name}`, proof, leaf }] : []
    })
  }

  async function byPage(proofs: readonly Proof[]): Promise<readonly boolean[]> {
    const trust = { name: 'trust.policy', bytes: new Uint8Array(readFileSync(inputs.storyTrust)) }
    const asked = proofs.map(({ proof, leaf }) => ({
      chosen: {
        from: 'files' as const,
        files: [
          { name: 'a.tlog-proof', bytes: proof },
          { name: 'a.leaf', bytes: leaf },
        ],
      },
      trust,
    }))
    return (await checkInPage(open.page, asked)).map((json) => json.startsWith('{"valid":true'))
  }

  function byGo(program: string, args: readonly string[], { proof, leaf }: Proof): boolean {
    const [proofFile, leafFile] = [built('a.tlog-proof'), built('a.leaf')]
    writeFileSync(proofFile, proof)
    writeFileSync(leafFile, leaf)
    const { status } = spawnSync(built(program), [...args, inputs.storyTrust, proofFile, leafFile])
    expect([0, 1]).toContain(status)
    return status === 0
  }

  it('agree on every proof of the story, and the program of the guide with them', async () => {
    const proofs = inputs.story.flatMap(proofsOf)
    expect(proofs.length).toBeGreaterThanOrEqual(20)
    expect(await byPage(proofs)).toEqual(proofs.map(() => true))
    for (const proof of proofs) expect([proof.name, byGo('goverify', ['proof'], proof), byGo('checkproof', [], proof)]).toEqual([proof.name, true, true])
    const others = proofs.map((proof, i) => ({ ...proof, leaf: proofs[(i + 1) % proofs.length]?.leaf.map((byte) => byte ^ 1) ?? proof.leaf }))
    expect(await byPage(others)).toEqual(others.map(() => false))
    for (const proof of others) expect([byGo('goverify', ['proof'], proof), byGo('checkproof', [], proof)]).toEqual([false, false])
  })

  it('agree on every changed proof, but where the formats let a reader overlook the change', async () => {
    const folder = inputs.story.find((one) => one.endsWith('05-released')) ?? ''
    const changed = proofsOf(folder).flatMap(({ name, proof, leaf }) =>
      changes(
        new Map([
          ['proof', proof],
          ['leaf', leaf],
        ]),
        PLACES * 4,
      ).map((files) => ({ name, proof: files.get('proof') ?? proof, leaf: files.get('leaf') ?? leaf })),
    )
    const page = await byPage(changed)
    const go = changed.map((proof) => byGo('goverify', ['proof'], proof))
    // Whatever the page accepts, Go accepts.
    expect(changed.filter((_, i) => page[i] === true && go[i] === false).map(({ name }) => name)).toEqual([])
    const overlooked = changed.filter((_, i) => page[i] === false && go[i] === true)
    const good = new Map(proofsOf(folder).map((one) => [one.name, linesOf(one.proof)]))
    for (const { name, proof } of overlooked) {
      const lines = linesOf(proof)
      const differing = good.get(name)?.find((line, i) => line !== lines[i])
      expect(differing).toMatch(OVERLOOKED)
    }
  })
})
