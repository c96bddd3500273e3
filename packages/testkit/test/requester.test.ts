import { decodeUtf8, encodeUtf8 } from '@fiducia/core'
import type { Answer } from '@fiducia/node'
import { httpTransport } from '@fiducia/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rule } from '../src/story/interception.ts'
import { alder, birch, openAgreedRig, type Rig } from './rig.ts'

/** The requester's side: what it does with answers that a holder, or somebody on the way, has changed. */
let rig: Rig
beforeAll(async () => {
  rig = await openAgreedRig()
})
afterAll(() => rig[Symbol.asyncDispose]())

type Changed = (answer: { body: string; receipt?: string }) => object

/** Birch asks while every answer is changed on the way. */
const askThrough = (change: Changed) => rig.stage.interception.during(changing(change), () => rig.ask())

const changing =
  (change: Changed): Rule =>
  async (from, url, message) => {
    if (from !== birch || !url.includes('/fhir/')) return undefined
    const answer = await httpTransport(url, message)
    return { status: answer.status, bytes: encodeUtf8(JSON.stringify(change(JSON.parse(decodeUtf8(answer.bytes))))) }
  }

const refusedAnswers = () => rig.node(birch).services.context.database.all('SELECT holder, code FROM refused_answer')

it('does not use data that comes without a receipt', async () => {
  const before = rig.logSize(birch)
  await expect(askThrough(({ body }) => ({ body }))).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' })
  expect(rig.logSize(birch)).toBe(before)
})

it('does not use data that the receipt is not about', async () => {
  const before = rig.logSize(birch)
  await expect(askThrough(({ body, receipt }) => ({ body: body.replace('"total"', '"Total"'), receipt }))).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' })
  expect(rig.logSize(birch)).toBe(before)
  expect(refusedAnswers().at(-1)).toEqual({ holder: alder, code: expect.stringMatching(/DIGEST|RESPONSE|BODY/) })
})

it.each<[string, (text: string) => string]>([
  ['its last character', (text) => `${text.slice(0, -1)} `],
  ['a leaf', (text) => text.replace(/"leaf":"(.)/, (_all, first: string) => `"leaf":"${first === 'A' ? 'B' : 'A'}`)],
  ['the proof', (text) => text.replace('c2sp.org', 'c2sq.org')],
  ['everything', () => '{}'],
])('does not use data whose receipt is changed in %s', async (_what, change) => {
  await expect(askThrough(({ body, receipt = '' }) => ({ body, receipt: change(receipt) }))).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' })
})

it('does not use an answer that was shown before', async () => {
  let first: object | undefined
  const replay: Changed = (answer) => (first ??= answer)
  expect((await askThrough(replay)).status).toBe(200)
  await expect(askThrough(replay)).rejects.toMatchObject({ code: 'RECEIPT_REFUSED' })
})

it.each<[string, Answer]>([
  ['nothing', { status: 200, bytes: new Uint8Array() }],
  ['HTML', { status: 200, bytes: encodeUtf8('<html>') }],
  ['an error of its own', { status: 500, bytes: encodeUtf8('{"error":{"code":"BROKEN","message":"x"}}') }],
  ['a member too many', { status: 200, bytes: encodeUtf8('{"body":"{}","receipt":"{}","more":1}') }],
  ['bytes that are no text', { status: 200, bytes: new Uint8Array([0xff, 0xfe]) }],
])('fails in words when a holder answers %s', async (_what, answer) => {
  const rule: Rule = async (from, url) => (from === birch && url.includes('/fhir/') ? answer : undefined)
  await expect(rig.stage.interception.during(rule, () => rig.ask())).rejects.toMatchObject({ name: 'NodeFailure', code: 'PEER_FAILED' })
})

it('uses one answer once also when it is shown to two requests at the same moment, and the log goes on', async () => {
  let first: Answer | undefined
  let waiting: (() => void)[] = []
  const rule: Rule = async (from, url, message) => {
    if (from !== birch || !url.includes('/fhir/')) return undefined
    first ??= await httpTransport(url, message)
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 2) for (const go of waiting) go()
    })
    return first
  }
  const answers = await rig.stage.interception.during(rule, () => Promise.allSettled([rig.ask(), rig.ask()]))
  waiting = []
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RECEIPT_REFUSED' } })
  expect((await rig.ask()).status).toBe(200)
  const size = rig.logSize(birch)
  await rig.restart(birch)
  expect(rig.logSize(birch)).toBe(size)
})
