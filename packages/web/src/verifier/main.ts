import { encodeHex, selfTest, sha256 } from '@fiducia/core'
import { answer, type Answer, type Chosen, type NamedBytes } from './answer.ts'
import { droppedOf } from './dropped.ts'
import { element } from './element.ts'
import { readChosen, readDropped, readOne } from './read-files.ts'
import { createSlot } from './slot.ts'
import { viewDetails, viewVerdict } from './view-answer.ts'
import { WORDS } from './words.ts'

/** The verifier page: three numbered parts, and the answer when there is something to check. Nothing leaves it, nothing is kept. */

declare global {
  /** For those who check many bundles with this page from its console: the JSON of one. */
  var verifyWithFiducia: (chosen: Chosen, trust: NamedBytes | undefined) => string
}

const trust = createSlot<NamedBytes>(update)
const chosen = createSlot<Chosen>(update)

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

/** What is on the page follows from what is in the two slots. */
let updates = 0
function update(): void {
  updates += 1
  const mine = updates
  showTrust()
  const failure = trust.failure ?? chosen.failure
  if (trust.reading || chosen.reading) return clear(WORDS.checking)
  if (failure !== undefined) return show(failure)
  if (chosen.value === undefined) return clear(WORDS.nothingYet)
  const target = chosen.value
  clear(WORDS.checking)
  // Lets the browser paint before a long check.
  setTimeout(() => {
    if (mine === updates) show(answer(target, trust.value))
  }, 0)
}

function clear(words: string): void {
  verdict.replaceChildren(words)
  details.replaceChildren()
  copies.hidden = true
}

function show(given: Answer): void {
  verdict.replaceChildren(...viewVerdict(given, trust.value))
  details.replaceChildren(...(chosen.value === undefined ? [] : viewDetails(given, { chosen: chosen.value, trust: trust.value })))
  json.textContent = given.json
  text = given.ended === 'verified' ? given.text : given.message
  copyStatus.textContent = ''
  copies.hidden = false
  answerPart.scrollIntoView({ block: 'nearest' })
}

function showTrust(): void {
  if (trust.value === undefined) return trustShown.replaceChildren()
  const groups = encodeHex(sha256(trust.value.bytes)).match(/.{4}/g) ?? []
  return trustShown.replaceChildren(
    element('p', {}, WORDS.trustChosen(trust.value.name)),
    element('p', { class: 'meta' }, WORDS.trustFingerprint),
    element('p', {}, element('code', { class: 'fingerprint' }, groups.join(' '))),
  )
}

const takeTrust = (file: File | undefined) => trust.fill(async () => (file === undefined ? undefined : await readOne(file)))
const takeFiles = (list: readonly File[]) => chosen.fill(async () => (list.length === 0 ? undefined : await readChosen(list)))

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
    void chosen.fill(async () => readDropped(await dropped))
  })
  reset.addEventListener('click', () => {
    for (const input of [trustInput, filesInput, folderInput]) input.value = ''
    void takeTrust(undefined)
    void takeFiles([])
    trustInput.focus()
  })
}

globalThis.verifyWithFiducia = (chosen, trust) => answer(chosen, trust).json
if (selfTest().length === 0) listen()
else {
  for (const input of [trustInput, filesInput, folderInput]) input.disabled = true
  verdict.replaceChildren(WORDS.browserUnfit)
}
