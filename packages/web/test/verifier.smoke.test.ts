import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { MAX_BUNDLE_FILE_BYTES, verifyBundle } from '@fiducia/proofs'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeZip } from '../../proofs/test/zip.ts'
import { type ByHand, checkByHand, checkInPage, CHROMIUM, HOW_TO_GET_IT, openPage, type OpenPage } from './browser.ts'
import { verifyCommand } from './command.ts'
import { changeBit, changes, type Inputs, JUNK, makeInputs, readBundle, writeBundle } from './inputs.ts'

/** The saved page, opened from the disk with the network off, gives the very answer of `fiducia verify` on every input. */
describe.skipIf(CHROMIUM === undefined)(`verify.html ${HOW_TO_GET_IT}`, () => {
  let inputs: Inputs
  let open: OpenPage
  beforeAll(async () => {
    inputs = await makeInputs()
    open = await openPage()
  })
  afterAll(async () => {
    await open?.[Symbol.asyncDispose]()
    rmSync(inputs.dir, { recursive: true, force: true })
  })

  const file = (name: string, bytes: Uint8Array): string => {
    const at = path.join(inputs.dir, 'files', name)
    mkdirSync(path.dirname(at), { recursive: true })
    writeFileSync(at, bytes)
    return at
  }
  const zipOf = (folder: string, name = `${path.basename(folder)}.zip`): string => file(name, zipSync(Object.fromEntries(readBundle(folder))))

  /** The page's answer and the command's, which looks from the input's own folder so that both name it alike. */
  async function both({ trust, target }: ByHand): Promise<{ readonly page: string; readonly command: string }> {
    const args = typeof target === 'string' ? [target] : target.length === 1 ? target : [target.find((one) => one.endsWith('.tlog-proof')) ?? '']
    const leaf = target.length === 2 ? ['--leaf', target[1] ?? ''] : []
    const cwd = path.dirname(args[0] ?? '')
    const command = verifyCommand(cwd, [path.basename(args[0] ?? ''), ...leaf, ...(trust === undefined ? [] : ['--trust', path.relative(cwd, trust)])])
    return { page: await checkByHand(open.page, { trust, target }), command: await command }
  }
  async function same(input: ByHand): Promise<Record<string, any>> {
    const { page, command } = await both(input)
    expect(page).toBe(command)
    return JSON.parse(page)
  }
  /** What the command prints for a bundle, without starting it. */
  async function sameAsVerifier(target: string, trust: string | undefined): Promise<Record<string, any>> {
    const page = await checkByHand(open.page, { trust, target })
    expect(page).toBe(JSON.stringify(verifyBundle(readBundle(target), trust === undefined ? undefined : readFileSync(trust, 'utf8'))))
    return JSON.parse(page)
  }
  const verdict = async () => (await open.page.locator('#verdict').textContent()) ?? ''

  it('finds every bundle of the story valid, from its folder and from an archive', async () => {
    expect(inputs.story.length).toBeGreaterThanOrEqual(10)
    for (const folder of inputs.story) {
      expect(await sameAsVerifier(folder, inputs.storyTrust)).toMatchObject({ valid: true })
      expect(await verdict()).toMatch(/^✓ ValidAll \d+ checks hold\.$/)
    }
    for (const folder of inputs.story.slice(0, 3)) expect(await same({ trust: inputs.storyTrust, target: folder })).toMatchObject({ valid: true })
    for (const folder of inputs.story.slice(4, 7)) expect(await same({ trust: inputs.storyTrust, target: [zipOf(folder)] })).toMatchObject({ valid: true })
  })

  it('finds every kind of bundle of another network valid under its trust, and none under a foreign one or none', async () => {
    for (const folder of inputs.foreign) {
      expect(await same({ trust: inputs.foreignTrust, target: folder })).toMatchObject({ valid: true })
      expect(await sameAsVerifier(folder, inputs.storyTrust)).toMatchObject({ valid: false })
      expect(await sameAsVerifier(folder, undefined)).toMatchObject({ valid: false })
      expect(await verdict()).toContain('You have not said whom you believe')
    }
  })

  it('refuses each bundle with a changed bit, wherever, and says so like the command', async () => {
    const trust = { name: 'trust.policy', bytes: new Uint8Array(readFileSync(inputs.storyTrust)) }
    const policy = readFileSync(inputs.storyTrust, 'utf8')
    const changed = inputs.story.flatMap((folder) => changes(readBundle(folder), 3))
    expect(changed.length).toBeGreaterThan(200)
    const asked = changed.map((files) => ({
      chosen: { from: 'folder' as const, name: 'bundle', files: [...files].map(([name, bytes]) => ({ name, bytes })) },
      trust,
    }))
    const found = await checkInPage(open.page, asked)
    found.forEach((json, i) => expect(json).toBe(JSON.stringify(verifyBundle(changed[i] ?? new Map(), policy))))
    expect(found.filter((json) => !json.startsWith('{"valid":false'))).toEqual([])

    for (const [name, bit] of [
      ['disclosure.json', 800],
      ['access.leaf', 3],
      ['block.tlog-proof', 2000],
    ] as const) {
      const folder = inputs.story.find((one) => one.endsWith('05-released')) ?? ''
      const target = writeBundle(path.join(inputs.dir, 'changed', name), changeBit(readBundle(folder), name, bit))
      expect(await same({ trust: inputs.storyTrust, target })).toMatchObject({ valid: false })
      expect(await verdict()).toMatch(/^✗ Not valid\d+ of the \d+ checks that were made failed\. .*Does not hold: /)
    }
  })

  it('checks one proof with its entry, and asks for the entry', async () => {
    const [proof, leaf] = ['access.tlog-proof', 'access.leaf'].map((name) =>
      path.join(inputs.story.find((one) => one.endsWith('05-released')) ?? '', name),
    ) as [string, string]
    expect(await same({ trust: inputs.storyTrust, target: [proof, leaf] })).toMatchObject({ valid: true, kind: 'tlog-proof' })
    expect(await same({ trust: inputs.storyTrust, target: [proof, file('other.leaf', JUNK)] })).toMatchObject({ valid: false })
    const alone = file('alone.tlog-proof', new Uint8Array(readFileSync(proof)))
    expect(await same({ trust: inputs.storyTrust, target: [alone] })).toMatchObject({ error: { code: 'FILE_MISSING', at: 'alone.tlog-proof' } })
    expect(await verdict()).toMatch(/^! Cannot be read/)
  })

  it('says what was expected and what came for whatever else it is given', async () => {
    const folder = inputs.story.find((one) => one.endsWith('05-released')) ?? ''
    const whole = readFileSync(zipOf(folder, 'whole.zip'))
    const files = Object.fromEntries(readBundle(folder))
    const unreadable: readonly (readonly [string, Uint8Array])[] = [
      ['cut.zip', whole.subarray(0, whole.length - 100)],
      ['begun.zip', whole.subarray(0, 100)],
      ['empty.zip', zipSync({})],
      ['junk.zip', JUNK],
      ['nothing.zip', new Uint8Array()],
      ['out.zip', zipSync({ ...files, '../head.json': JUNK })],
      ['absolute.zip', zipSync({ ...files, '/head.json': JUNK })],
      ['backslash.zip', zipSync({ ...files, 'a\\head.json': JUNK })],
      ['case.zip', zipSync({ ...files, 'HEAD.json': JUNK })],
      ['link.zip', makeZip([{ name: 'head.json', mode: 0o120777 }])],
      ['twice.zip', makeZip([{ name: 'head.json' }, { name: 'head.json', bytes: JUNK }])],
      ['lie.zip', makeZip([{ name: 'head.json', size: 3, packed: Uint8Array.of(0x63, 0, 0), method: 8 }])],
      ['locked.zip', makeZip([{ name: 'head.json', flags: 1 }])],
      ['junk.txt', JUNK],
      ['large.zip', new Uint8Array(MAX_BUNDLE_FILE_BYTES + 1)],
    ]
    for (const [name, bytes] of unreadable) {
      expect(await same({ trust: inputs.storyTrust, target: [file(name, bytes)] })).toMatchObject({
        error: { at: name, message: expect.stringMatching(/^expected /) },
      })
      expect(await verdict()).toMatch(/^! Cannot be readExpected /)
    }
    const large = writeBundle(path.join(inputs.dir, 'large'), new Map([['head.json', new Uint8Array(MAX_BUNDLE_FILE_BYTES + 1)]]))
    expect(await same({ trust: inputs.storyTrust, target: large })).toMatchObject({ error: { code: 'BUNDLE_TOO_LARGE', at: 'large' } })
    const junk = writeBundle(path.join(inputs.dir, 'junk'), new Map([['notes.txt', JUNK]]))
    expect(await same({ trust: inputs.storyTrust, target: junk })).toMatchObject({ valid: false, kind: 'unknown' })
    const more = writeBundle(path.join(inputs.dir, 'more'), new Map([...readBundle(folder), ['b.txt', JUNK], ['__proto__', JUNK], ['a <b>.txt', JUNK]]))
    expect(await same({ trust: inputs.storyTrust, target: more })).toMatchObject({ valid: false })
    const trusts = [
      file('latin.policy', Uint8Array.of(0xff, 0xfe)),
      file('junk.policy', JUNK),
      file('empty.policy', new Uint8Array()),
      file('half.json', Buffer.from('{"')),
    ]
    const beside = writeBundle(path.join(inputs.dir, 'files', 'bundle'), readBundle(folder))
    for (const trust of trusts) {
      const { valid = false } = await same({ trust, target: beside })
      expect(valid).toBe(false)
    }
  })

  it('always shows the answer for what is chosen now', async () => {
    const { page } = open
    const [good = ''] = inputs.story
    await checkByHand(page, { trust: undefined, target: good })
    await page.setInputFiles('#trust', inputs.foreignTrust)
    await page.getByText('✗ Not valid').waitFor()
    await page.setInputFiles('#trust', inputs.storyTrust)
    await page.getByText('✓ Valid').waitFor()
    await page.setInputFiles('#files', [file('large.zip', new Uint8Array(MAX_BUNDLE_FILE_BYTES + 1))])
    await page.getByText('! Cannot be read').waitFor()
    await page.setInputFiles('#trust', inputs.storyTrust)
    await page.getByText('! Cannot be read').waitFor()
    expect(await page.locator('#details').textContent()).toBe('')
    await Promise.all([page.setInputFiles('#trust', inputs.foreignTrust), page.setInputFiles('#folder', inputs.foreign[0] ?? '')])
    await page.getByText('✓ Valid').waitFor()
  })

  it('takes what is dropped: a folder, an archive, files, and the trust', async () => {
    const { page } = open
    const folder = inputs.story.find((one) => one.endsWith('11-hidden-access')) ?? ''
    const expected = JSON.stringify(verifyBundle(readBundle(folder), readFileSync(inputs.storyTrust, 'utf8')))
    const names = [...readBundle(folder).keys()].map((name) => name.split('/')[0] ?? '')
    for (const dropped of [[folder], [zipOf(folder)], [...new Set(names)].map((name) => path.join(folder, name))]) {
      await page.locator('#reset').click()
      await drop('#trust-heading', [inputs.storyTrust])
      await page.locator('.fingerprint').waitFor()
      await drop('#bundle-heading', dropped)
      await page.locator('#copies').waitFor({ state: 'visible' })
      expect(await page.locator('#json').textContent()).toBe(expected)
    }
    await drop('h1', [folder])
    expect(await page.locator('h1').textContent()).toBe('Check a proof')
  })

  async function drop(selector: string, files: readonly string[]): Promise<void> {
    const { page } = open
    await page.locator(selector).scrollIntoViewIfNeeded()
    const box = await page.locator(selector).boundingBox()
    const client = await page.context().newCDPSession(page)
    const data = { items: [], files: [...files], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await client.send('Input.dispatchDragEvent', { type, x: (box?.x ?? 0) + 5, y: (box?.y ?? 0) + 5, data })
    await client.detach()
  }

  it('copies the answer, is used by keyboard alone, and says the verdict in a live region', async () => {
    const { page } = open
    const folder = inputs.story[0] ?? ''
    const json = await checkByHand(page, { trust: inputs.storyTrust, target: folder })
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.locator('#copy-json').focus()
    await page.keyboard.press('Enter')
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(json)
    expect(await page.getByRole('status').first().getAttribute('id')).toBe('verdict')
    await page.locator('body').click({ position: { x: 1, y: 1 } })
    const reached: string[] = []
    for (let i = 0; i < 8; i += 1) {
      await page.keyboard.press('Tab')
      reached.push((await page.evaluate<string>('document.activeElement.id || document.activeElement.localName')) ?? '')
    }
    expect(reached).toEqual(expect.arrayContaining(['trust', 'files', 'folder', 'copy-json', 'copy-text', 'summary', 'reset']))
  })

  it.each([
    { width: 1024, dark: false },
    { width: 320, dark: true },
  ])('has no fault that axe finds and no sideways scroll: %o', async (look) => {
    await using other = await openPage(look)
    const { page } = other
    const folder = inputs.story.find((one) => one.endsWith('05-released')) ?? ''
    const changed = writeBundle(path.join(inputs.dir, 'looked at'), changeBit(readBundle(folder), 'access.leaf', 9))
    for (const target of [undefined, folder, changed, [file('looked at.zip', JUNK)]]) {
      if (target !== undefined) await checkByHand(page, { trust: inputs.storyTrust, target })
      await page
        .locator('summary')
        .click({ force: true, timeout: 500 })
        .catch(() => {})
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
    }
    expect(other.complaints).toEqual([])
  })

  it('asked for nothing, stored nothing, complained about nothing', async () => {
    expect(open.complaints).toEqual([])
    expect(await open.page.evaluate('localStorage.length + sessionStorage.length + document.cookie.length')).toBe(0)
    expect(await open.page.context().cookies()).toEqual([])
  })
})
