import { encodeHex, selfTest, sha256 } from '@fiducia/core'
import { answer, type Answer, type Chosen, type NamedBytes, unreadable } from './answer.ts'
import { droppedOf } from './dropped.ts'
import { element } from './element.ts'
import { readChosen, readDropped, readOne } from './read-files.ts'
import { viewDetails, viewVerdict } from './view-answer.ts'
import { WORDS } from './words.ts'

/** The verifier page: three numbered parts, and the answer when there is something to check. Nothing leaves it, nothing is kept. */

declare global {
  /** For those who check many bundles with this page from its console: the JSON of one. */
  var verifyWithFiducia: (chosen: Chosen, trust: NamedBytes | undefined) => string
}

interface State {
  trust: NamedBytes | undefined
  chosen: Chosen | undefined
}

const state: State = { trust: undefined, chosen: undefined }

const trustInput = element('input', { type: 'file', id: 'trust', 'aria-describedby': 'trust-about' })
const filesInput = element('input', { type: 'file', id: 'files', multiple: true, 'aria-describedby': 'bundle-about' })
const folderInput = element('input', { type: 'file', id: 'folder', webkitdirectory: true, 'aria-describedby': 'bundle-about' })
const trustShown = element('div', { class: 'shown', id: 'trust-shown' })
const verdict = element('div', { id: 'verdict', role: 'status' }, WORDS.nothingYet)
const details = element('div', { id: 'details' })
const json = element('pre', { id: 'json', tabindex: '0', 'aria-label': WORDS.showJson })
const copyStatus = element('span', { role: 'status', id: 'copy-status' })
const reset = element('button', { type: 'button', id: 'reset', class: 'quiet' }, WORDS.reset)
let text = ''

const field = (input: HTMLInputElement, label: string): HTMLElement => element('div', { class: 'field' }, element('label', { for: input.id }, label), input)

const copyButton = (id: string, label: string, read: () => string): HTMLButtonElement => {
  const button = element('button', { type: 'button', id }, label)
  button.addEventListener('click', () => void copy(read()))
  return button
}

const copies = element(
  'div',
  { id: 'copies', hidden: true },
  element('h3', {}, WORDS.saidDifferently),
  element(
    'p',
    { class: 'buttons' },
    copyButton('copy-json', WORDS.copyJson, () => json.textContent),
    copyButton('copy-text', WORDS.copyText, () => text),
    copyStatus,
  ),
  element('details', {}, element('summary', {}, WORDS.showJson), json),
)

const trustPart = element(
  'section',
  { 'aria-labelledby': 'trust-heading', class: 'drop' },
  element('h2', { id: 'trust-heading' }, WORDS.trustHeading),
  element('p', { id: 'trust-about' }, WORDS.trustAbout),
  field(trustInput, WORDS.trustLabel),
  trustShown,
)
const bundlePart = element(
  'section',
  { 'aria-labelledby': 'bundle-heading', class: 'drop' },
  element('h2', { id: 'bundle-heading' }, WORDS.bundleHeading),
  element('p', { id: 'bundle-about' }, WORDS.bundleAbout),
  element('div', { class: 'fields' }, field(filesInput, WORDS.filesLabel), field(folderInput, WORDS.folderLabel)),
  element('p', { class: 'meta' }, WORDS.dropHint),
)
const answerPart = element(
  'section',
  { 'aria-labelledby': 'answer-heading' },
  element('h2', { id: 'answer-heading' }, WORDS.answerHeading),
  verdict,
  details,
  copies,
  element('p', { class: 'last' }, reset),
)

document.body.replaceChildren(
  element(
    'main',
    {},
    element('h1', {}, WORDS.heading),
    element('p', {}, WORDS.about),
    trustPart,
    bundlePart,
    answerPart,
    element('footer', { class: 'meta' }, WORDS.footer),
  ),
)

async function copy(content: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(content)
    copyStatus.textContent = WORDS.copied
  } catch {
    copyStatus.textContent = WORDS.notCopied
  }
}

function show(given: Answer, chosen: Chosen): void {
  const { trust } = state
  verdict.replaceChildren(...viewVerdict(given, { trust }))
  details.replaceChildren(...viewDetails(given, { chosen, trust }))
  json.textContent = given.json
  text = given.ended === 'verified' ? given.text : given.message
  copyStatus.textContent = ''
  copies.hidden = false
}

function clearAnswer(): void {
  verdict.replaceChildren(WORDS.nothingYet)
  details.replaceChildren()
  copies.hidden = true
}

/** Lets the browser paint before a long check. */
const painted = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

async function check(): Promise<void> {
  const { chosen, trust } = state
  if (chosen === undefined) return clearAnswer()
  verdict.replaceChildren(WORDS.checking)
  details.replaceChildren()
  await painted()
  show(answer(chosen, trust), chosen)
  answerPart.scrollIntoView({ block: 'nearest' })
}

function showTrust(): void {
  const { trust } = state
  if (trust === undefined) return trustShown.replaceChildren()
  const groups = encodeHex(sha256(trust.bytes)).match(/.{4}/g) ?? []
  trustShown.replaceChildren(
    element('p', {}, WORDS.trustChosen(trust.name)),
    element('p', { class: 'meta' }, WORDS.trustFingerprint),
    element('p', {}, element('code', { class: 'fingerprint' }, groups.join(' '))),
  )
}

const NOTHING: Chosen = { from: 'files', files: [] }

/** Whatever goes wrong becomes an answer. Only the newest choice is shown. */
let newest = 0
async function take(read: () => Promise<Partial<State>>): Promise<void> {
  newest += 1
  const mine = newest
  try {
    const change = await read()
    if (mine !== newest) return
    Object.assign(state, change)
    showTrust()
    await check()
  } catch (error) {
    if (mine === newest) show(unreadable(error), state.chosen ?? NOTHING)
  }
}

const takeTrust = (file: File | undefined) => take(async () => ({ trust: file === undefined ? undefined : await readOne(file) }))
const takeFiles = (list: readonly File[]) => take(async () => ({ chosen: list.length === 0 ? undefined : await readChosen(list) }))

const filesOf = (input: HTMLInputElement): readonly File[] => [...(input.files ?? [])]

function dropOn(part: HTMLElement, drop: (data: DataTransfer) => void): void {
  part.addEventListener('dragover', () => part.classList.add('over'))
  part.addEventListener('dragleave', () => part.classList.remove('over'))
  part.addEventListener('drop', ({ dataTransfer }) => {
    part.classList.remove('over')
    if (dataTransfer !== null) drop(dataTransfer)
  })
}

function listen(): void {
  trustInput.addEventListener('change', () => void takeTrust(filesOf(trustInput)[0]))
  filesInput.addEventListener('change', () => {
    folderInput.value = ''
    void takeFiles(filesOf(filesInput))
  })
  folderInput.addEventListener('change', () => {
    filesInput.value = ''
    void takeFiles(filesOf(folderInput))
  })
  // A file that is dropped beside the two places would otherwise be opened instead of this page.
  for (const event of ['dragover', 'drop']) window.addEventListener(event, (dropped) => dropped.preventDefault())
  dropOn(trustPart, (data) => {
    const [file] = data.files
    trustInput.value = ''
    if (file !== undefined) void takeTrust(file)
  })
  dropOn(bundlePart, (data) => {
    const dropped = droppedOf(data)
    for (const input of [filesInput, folderInput]) input.value = ''
    void take(async () => ({ chosen: await readDropped(await dropped) }))
  })
  reset.addEventListener('click', () => {
    for (const input of [trustInput, filesInput, folderInput]) input.value = ''
    void take(async () => ({ trust: undefined, chosen: undefined }))
    trustInput.focus()
  })
}

globalThis.verifyWithFiducia = (chosen, trust) => answer(chosen, trust).json
if (selfTest().length === 0) listen()
else {
  for (const input of [trustInput, filesInput, folderInput]) input.disabled = true
  verdict.replaceChildren(WORDS.browserUnfit)
}
