import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Bytes32, decodeUtf8, encodeUtf8, type OrganizationId } from '@fiducia/core'
import { decodeLine, encodeLine, type OpenLine } from '@fiducia/directory'
import { assembleTransaction, BATCH_WAIT_MS, batches, batchStatus, holdersOf, misses, signTransactionPartBy } from '@fiducia/ledger'
import { attestationsOf, createLogger, directoryFiles, fsckNode, openExistingDirectory } from '@fiducia/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { practitionerResource, PRACTITIONERS } from '../src/people/index.ts'
import { ALL, exchange, firstOf, folderOf, isStored, newestOf, round, say, stateOf, subjectOfDoctor, whenAsked } from './directory-rig.ts'
import { alder, birch, cedar, dune, openRig, type Rig } from './rig.ts'

/** Members that do not give out what they hold, give out something else, or say what they may not. Over real nodes, every node's log kept. */
const scratch = mkdtempSync(path.join(tmpdir(), 'fiducia-liars-'))
const logFile = path.join(scratch, 'nodes.log')
const logger = createLogger('all', logFile)
logger.level = 'trace'
let rig: Rig
beforeAll(async () => {
  rig = await openRig({ logger })
})
afterAll(async () => {
  await rig[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true })
})

/** A name that only lies have. */
const FALSE_NAME = 'Falconer'
const AWAY = 503

/** Two statements that were never made before. */
let spoken = 0
function saySomething(org: OrganizationId): Promise<unknown> {
  spoken += 1
  const resources = PRACTITIONERS.slice(0, 2).map((one) => ({
    ...practitionerResource(one),
    name: [{ family: one.family, given: [one.given], suffix: [`S${spoken}`] }],
  }))
  return say(rig, org, { resources })
}

const linesOf = (root: Bytes32): readonly OpenLine[] => {
  const text = Buffer.from(rig.node(birch).services.batches.page(root, 0) ?? []).toString()
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => decodeLine(encodeUtf8(line)))
    .filter((line) => 'salt' in line)
}

const pageOf = (lines: readonly OpenLine[]): Uint8Array => Buffer.concat(lines.flatMap((line) => [encodeLine(line), Buffer.from('\n')]))
const falsified = ({ salt, statement }: OpenLine): OpenLine => ({
  salt,
  statement: { ...statement, fields: { ...statement.fields, 'name.family': FALSE_NAME } },
})
/** A line in its only form but for one place, where a reader would quote what it found. */
const garbled = (path: 'salt' | 'basis' | 'field') => (root: Bytes32) => {
  const line = linesOf(root).map(encodeLine)[0] ?? new Uint8Array()
  const wrong = {
    salt: ['"salt":"', `"salt":"${FALSE_NAME}`],
    basis: ['"own-record"', `"${FALSE_NAME}"`],
    field: ['"fields":{', `"fields":{"${FALSE_NAME}":"x",`],
  }
  const [right, instead] = wrong[path]
  return encodeUtf8(`${decodeUtf8(line).replace(right ?? '', instead ?? '')}\n`)
}

const LIES: readonly (readonly [string, (root: Bytes32, from: number) => Uint8Array | number])[] = [
  ['other lines than the root’s', (root) => pageOf(linesOf(root).map(falsified))],
  ['the right lines in another order', (root) => pageOf(linesOf(root).toReversed())],
  ['nothing', () => 404],
  ['an empty page', () => new Uint8Array()],
  ['fewer lines', (root, from) => (from === 0 ? pageOf(linesOf(root).slice(1)) : new Uint8Array())],
  ['more lines', (root) => pageOf([...linesOf(root), ...linesOf(root).map(falsified)])],
  ['a page with too many lines', (root) => pageOf(Array.from({ length: 501 }, () => linesOf(root).map(falsified)).flat())],
  ['a line that does not end', (root) => pageOf(linesOf(root)).slice(0, -1)],
  ['text that is no line', () => encodeUtf8(`${FALSE_NAME}\n${FALSE_NAME}\n`)],
  ['bytes that are no text', () => Uint8Array.of(0xff, 0xfe, 10)],
  ['a salt that is none', garbled('salt')],
  ['a basis that is none', garbled('basis')],
  ['a field that is none', garbled('field')],
]

describe('a holder that gives out', () => {
  it.each(LIES)('%s: nothing of it is kept, another one is asked, and who gave out nothing in three rounds is named', async (_what, lie) => {
    await saySomething(birch)
    await round(rig, [birch])
    await round(rig, [alder])
    const { root } = newestOf(rig, birch)
    expect(holdersOf(stateOf(rig), root)).toEqual([alder, birch])
    const lying = whenAsked(rig, dune, alder, (from, asked) => lie(asked, from))
    const away = whenAsked(rig, dune, birch, () => AWAY)
    await rig.stage.interception.during(firstOf(lying, away), async () => {
      await round(rig, [dune])
      await round(rig, [dune])
      expect(misses(stateOf(rig), root, alder)).toEqual([])
      await round(rig, [dune])
    })
    expect(misses(stateOf(rig), root, alder)).toEqual(['group-dune'])
    expect(holdersOf(stateOf(rig), root)).toEqual([alder, birch])
    expect(isStored(directoryFiles(folderOf(rig, dune)).database, root)).toBe(false)
    await rig.stage.interception.during(lying, () => round(rig, [dune]))
    expect(holdersOf(stateOf(rig), root)).toEqual([alder, birch, dune])
    await round(rig)
    expect(newestOf(rig, birch).counted).not.toBeNull()
    expect(ALL.filter((org) => isStored(directoryFiles(folderOf(rig, org)).database, root))).toEqual(ALL)
    expect(ALL.filter((org) => isStored(directoryFiles(folderOf(rig, org)).database, FALSE_NAME))).toEqual([])
  })
})

describe('a holder that lies while another one does not', () => {
  const lie = (name: string) => LIES.find(([what]) => what === name)?.[1] ?? (() => 404)

  it.each([
    ['other lines than the root’s', ['group-dune']],
    ['text that is no line', ['group-dune']],
    ['nothing', []],
  ] as const)('%s: the right lines are kept in the same round, and false ones named', async (what, named) => {
    await saySomething(birch)
    await round(rig, [birch])
    await round(rig, [alder])
    const { root } = newestOf(rig, birch)
    await rig.stage.interception.during(
      whenAsked(rig, dune, alder, (from, asked) => lie(what)(asked, from)),
      () => round(rig, [dune]),
    )
    expect(holdersOf(stateOf(rig), root)).toEqual([alder, birch, dune])
    expect(misses(stateOf(rig), root, alder)).toEqual(named)
    await round(rig)
  })
})

/** What stands in a member's folder of the doctor's role. */
function fieldsOf(org: OrganizationId) {
  using directory = openExistingDirectory(folderOf(rig, org))
  return attestationsOf(directory, subjectOfDoctor(rig), rig.stage.clock.now())
}

describe('a batch that too few get', () => {
  it.each([
    ['nobody', [alder, cedar, dune], []],
    ['one other member', [cedar, dune], [alder]],
  ] as const)('because its author gives it to %s never counts, lapses, and says nothing anywhere', async (_what, without, held) => {
    const code = held.length === 0 ? '207Q00000X' : '208D00000X'
    await say(rig, birch, { active: false, code })
    await round(rig, [birch])
    const { root } = newestOf(rig, birch)
    const away = without.map((from) => whenAsked(rig, from, birch, () => 404))
    const alsoAlder = without.map((from) => whenAsked(rig, from, alder, () => 404))
    await rig.stage.interception.during(firstOf(...away, ...alsoAlder), () => exchange(rig))
    expect(misses(stateOf(rig), root, birch)).toEqual(without.map((org) => `group-${org}`))
    rig.stage.clock.advance(BATCH_WAIT_MS + 2 * 60_000)
    await round(rig, [alder, cedar, dune])
    expect(batchStatus(newestOf(rig, birch), rig.stage.clock.now())).toBe('lapsed')
    expect(holdersOf(stateOf(rig), root)).toEqual([...held, birch])
    const others = [alder, cedar, dune]
    for (const org of others) expect(fieldsOf(org).filter(({ value }) => value === code)).toEqual([])
    // Its author says it again, gives it out this time, and is heard.
    await exchange(rig)
    expect(holdersOf(stateOf(rig), root)).toEqual([...held, birch])
    for (const org of others)
      expect(fieldsOf(org).filter(({ value }) => value === code)).toMatchObject([{ field: 'code', height: newestOf(rig, birch).counted?.height }])
  })
})

it('says again under another root what somebody else offered as its own', async () => {
  await saySomething(birch)
  using directory = openExistingDirectory(folderOf(rig, birch))
  const { root, count } = directory.get('SELECT root, count FROM batch WHERE offered = 0') as { readonly root: Bytes32; readonly count: number }
  const { net, keys, clock, submit } = rig.node(dune).services.context
  const payload = { net, type: 'batch.offer', body: { root, count }, validUntil: clock.now() + 60_000 } as const
  await submit(assembleTransaction(payload, [await signTransactionPartBy(payload, keys.node)]))
  await exchange(rig)
  const { root: again, counted } = newestOf(rig, birch)
  expect(again).not.toBe(root)
  expect(counted).not.toBeNull()
  expect(holdersOf(stateOf(rig), root)).toEqual([dune])
})

it.each([
  ['as a primary source', { basis: 'primary-source', origin: 'cedar' }],
  ['from its own records in the name of another', { basis: 'own-record', origin: 'birch' }],
] as const)('holds nothing that a member says %s, and accuses nobody who served it', async (_what, said) => {
  const before = batches(stateOf(rig)).length
  await say(rig, cedar, said)
  for (let i = 0; i < 4; i += 1) await round(rig)
  const offered = newestOf(rig, cedar)
  expect(batches(stateOf(rig)).length).toBe(before + 1)
  expect(holdersOf(stateOf(rig), offered.root)).toEqual([cedar])
  expect(offered.counted).toBeNull()
  expect(misses(stateOf(rig), offered.root, cedar)).toEqual([])
  for (const org of [alder, birch, dune]) expect(isStored(directoryFiles(folderOf(rig, org)).database, offered.root)).toBe(false)
  // What else it says is heard all the same.
  await saySomething(cedar)
  await exchange(rig)
  expect(holdersOf(stateOf(rig), newestOf(rig, cedar).root)).toEqual(ALL)
})

it('logs what happened, and no name of a person', async () => {
  await new Promise((resolve) => logger.flush(resolve))
  const logged = readFileSync(logFile, 'utf8')
  expect(logged).toContain('a batch could not be fetched')
  expect(logged).toContain('a batch says what its author may not say')
  const names = [FALSE_NAME, ...PRACTITIONERS.flatMap(({ family, given, npi }) => [family, given, npi])]
  expect(names.filter((name) => logged.includes(name))).toEqual([])
})

it('leaves folders that fsck accepts', async () => {
  for (const org of ALL) await rig.node(org)[Symbol.asyncDispose]()
  for (const org of ALL) expect({ org, findings: (await fsckNode(folderOf(rig, org))).findings }).toEqual({ org, findings: [] })
})
