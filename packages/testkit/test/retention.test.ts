import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import { fsckNode, nodeFiles } from '@fiducia/node'
import { type BundleFiles, MIN_RETENTION_DAYS } from '@fiducia/proofs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ALDER, BIRCH, CEDAR, OBSERVATIONS, openScene, type Scene } from './attacks/scene.ts'

/**
 * Three years pass. What events said goes at the holder, copies of receipts at the requester; the list of accesses stays complete,
 * proofs that were taken away verify as before, and a backup that is put back is erased again.
 */

const DAY_MS = 86_400_000

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

const services = (org: OrganizationId) => scene.stage.network.node(org).services
const folderOf = (org: OrganizationId) => path.join(scene.stage.dir, 'nodes', org)
const rowsOf = (org: OrganizationId, sql: string) => services(org).context.database.all(sql)
const retainedOf = (org: OrganizationId) =>
  JSON.parse(readFileSync(nodeFiles(folderOf(org)).retained, 'utf8')) as { before: number; redactions: { count: number }[] }

/** Files of a node in which either half of the text stands: a page may end in the middle. */
function filesWith(org: OrganizationId, text: string): readonly string[] {
  const files = readdirSync(folderOf(org), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const halves = [text.slice(0, text.length / 2), text.slice(text.length / 2)]
  const isIn = (file: string) => halves.some((half) => readFileSync(file).includes(half))
  return files.filter((entry) => isIn(path.join(entry.parentPath, entry.name))).map(({ name }) => name)
}

/** Everything that a node does by itself, at every member. */
async function round(): Promise<void> {
  await scene.stage.publish()
  for (const org of [ALDER.org, BIRCH.org, CEDAR.org]) {
    await services(org).disputes.run()
    await services(org).erasure.run()
    await services(org).retention.run()
  }
}

async function pass(days: number): Promise<void> {
  scene.stage.clock.advance(days * DAY_MS)
  await round()
  await round()
}

let taken: readonly BundleFiles[] = []
let secrets: { readonly holder: readonly string[]; readonly requester: readonly string[] } = { holder: [], requester: [] }

it('keeps everything for three years', async () => {
  const { patient, clinician } = scene.stage
  for (let i = 0; i < 3; i += 1) await clinician.ask(ALDER.org, OBSERVATIONS)
  await clinician.ask(CEDAR.org, OBSERVATIONS)
  await round()
  taken = [await patient.accessBundle(ALDER.org, 0), await patient.completenessBundle(ALDER.org)]
  const stored = rowsOf(ALDER.org, 'SELECT content FROM event WHERE handle IS NOT NULL')
  const copies = rowsOf(BIRCH.org, 'SELECT receipt, sealed FROM copy')
  secrets = {
    holder: stored.map(({ content }) => (JSON.parse(String(content)) as { salt: string }).salt),
    requester: copies.map(({ sealed }) => String(sealed).slice(40, 90)),
  }
  expect([secrets.holder.length, secrets.requester.length]).toEqual([3, 4])
  await pass(MIN_RETENTION_DAYS - 2)
  expect(rowsOf(ALDER.org, 'SELECT idx FROM event WHERE handle IS NOT NULL')).toHaveLength(3)
  for (const secret of secrets.holder) expect(filesWith(ALDER.org, secret)).not.toEqual([])
  const { log } = await patient.checkEverything(ALDER.org, [])
  expect([log.ok, log.notices, log.accesses.length]).toEqual([true, [], 3])
})

it('then leaves no byte of what was said, and the list as complete as it was', async () => {
  const { patient, clinician, network, verify, links } = scene.stage
  const database = nodeFiles(folderOf(ALDER.org)).database
  await scene.restart(() => copyFileSync(database, `${database}.kept`))
  await network.settle()
  await pass(4)
  for (const secret of secrets.holder) expect(filesWith(ALDER.org, secret)).toEqual(['node.sqlite.kept'])
  for (const secret of secrets.requester) expect(filesWith(BIRCH.org, secret)).toEqual([])
  expect(rowsOf(ALDER.org, 'SELECT n, erased FROM next_n')).toEqual([{ n: 3, erased: 3 }])
  const { log } = await patient.checkEverything(ALDER.org, [])
  expect(log).toMatchObject({ ok: true, findings: [] })
  expect(log.notices.map(({ code }) => code)).toEqual(['RETENTION_ENDED', 'RETENTION_ENDED', 'RETENTION_ENDED'])
  expect(log.accesses.map(({ content }) => content)).toEqual([undefined, undefined, undefined])
  await expect(patient.accessBundle(ALDER.org, 0)).rejects.toMatchObject({ code: 'EVENT_ERASED', status: 410 })
  await expect(patient.accessBundle(ALDER.org, 3)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 })
  for (const files of [...taken, await patient.completenessBundle(ALDER.org)]) expect(verify(files).valid).toBe(true)
  // The relationship goes on: the next access is number 3, and is listed.
  links.set(ALDER.org, await patient.giveLink(ALDER.org, BIRCH.org))
  expect((await clinician.ask(ALDER.org, OBSERVATIONS)).status).toBe(403)
  await round()
  const again = await patient.checkEverything(ALDER.org, [])
  expect([again.log.ok, again.log.accesses.length, again.log.accesses.at(-1)?.content?.decision.n]).toEqual([true, 4, 3])
})

it('writes one leaf for the batch, a day later, that looks like any other', async () => {
  expect(retainedOf(ALDER.org).redactions).toMatchObject([{ count: 3 }])
  expect(rowsOf(ALDER.org, 'SELECT idx FROM redaction')).toEqual([])
  await pass(2)
  for (const [org, count] of [
    [ALDER.org, 3],
    [BIRCH.org, 4],
    [CEDAR.org, 1],
  ] as const) {
    const [row, ...more] = rowsOf(org, 'SELECT idx, content FROM redaction')
    expect([JSON.parse(String(row?.['content'])), more]).toEqual([{ count, ground: 'retention', request: expect.stringMatching(/^[\w-]{43}$/) }, []])
    const leaf = services(org).log.leaf(Number(row?.['idx']))
    expect([leaf.length, leaf[0], leaf[1]]).toEqual([72, 1, 1])
    expect(retainedOf(org).redactions).toEqual([])
  }
})

it('is done again when a backup is put back, though the node now keeps things longer; fsck says that it must be', async () => {
  const database = nodeFiles(folderOf(ALDER.org)).database
  const [secret = ''] = secrets.holder
  const putBack = () => {
    for (const name of [`${database}-wal`, `${database}-shm`]) rmSync(name, { force: true })
    copyFileSync(`${database}.kept`, database)
    const config = path.join(folderOf(ALDER.org), 'config.json')
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), retainEventsDays: 2 * MIN_RETENTION_DAYS }))
  }
  await scene.restart(putBack)
  expect(rowsOf(ALDER.org, 'SELECT idx FROM event WHERE handle IS NOT NULL')).toEqual([])
  await services(ALDER.org).retention.run()
  expect(filesWith(ALDER.org, secret)).toEqual(['node.sqlite.kept'])
  await scene.stage.network.node(ALDER.org)[Symbol.asyncDispose]()
  const found = async () => (await fsckNode(folderOf(ALDER.org))).findings
  expect(await found()).toEqual([])
  putBack()
  expect(await found()).toMatchObject([{ code: 'ERASED', at: expect.stringMatching(/^3 entries before slot \d+$/) }])
})
