import { describeVerification, type DescribedCheck, type Verification } from '@fiducia/proofs'
import type { Answer, Chosen, NamedBytes } from './answer.ts'
import { element } from './element.ts'
import { WORDS } from './words.ts'

/** An answer on the page: the verdict for the live region, and what it rests on. */

export interface Given {
  readonly chosen: Chosen
  readonly trust: NamedBytes | undefined
}

/** State is a sign, a word and a color, in this order of importance. */
const SIGNS = { valid: '✓', failed: '✗', unreadable: '!' } as const

export function viewVerdict(answer: Answer, trust: NamedBytes | undefined): readonly HTMLElement[] {
  if (answer.ended === 'unreadable') {
    const place = answer.at === '' ? [] : [element('p', {}, WORDS.whichFile(answer.at))]
    return [verdict('unreadable', WORDS.cannotBeRead), element('p', {}, `${sentence(answer.message)} ${WORDS.cannotBeReadAbout}`), ...place]
  }
  const { valid, checks } = answer.verification
  if (valid) return [verdict('valid', WORDS.valid), element('p', {}, WORDS.validAbout(checks.length))]
  if (trust === undefined) return [verdict('failed', WORDS.notValid), element('p', {}, WORDS.noTrust)]
  return [verdict('failed', WORDS.notValid), ...viewFailure(answer.verification)]
}

function viewFailure(verification: Verification): readonly HTMLElement[] {
  const { checks } = describeVerification(verification)
  const failed = checks.filter(({ ok }) => !ok)
  const [first] = failed
  if (first === undefined) return [element('p', {}, WORDS.notReached)]
  return [
    element('p', {}, WORDS.notValidAbout(failed.length, checks.length)),
    element('p', {}, element('strong', {}, WORDS.firstFailed), ` ${first.meaning}.`),
    element('p', { class: 'detail' }, ...withCode(first.detail)),
  ]
}

const verdict = (state: keyof typeof SIGNS, word: string): HTMLElement =>
  element('p', { class: `verdict ${state}` }, element('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[state]), ` ${word}`)

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`

/** Facts, checks, and what it proves and does not: nothing for what could not be read. */
export function viewDetails(answer: Answer, given: Given): readonly HTMLElement[] {
  if (answer.ended === 'unreadable') return []
  const { checks, sections } = describeVerification(answer.verification)
  return [
    viewFacts(answer.verification, given),
    element('h3', {}, WORDS.checksHeading),
    element('ol', { class: 'checks', role: 'list' }, ...checks.map(viewCheck)),
    ...sections.flatMap(({ title, sentences }) => [
      element('h3', {}, title),
      element('ul', {}, ...sentences.map((text) => element('li', {}, ...withCode(text)))),
    ]),
  ]
}

function viewFacts({ kind, checks }: Verification, { chosen, trust }: Given): HTMLElement {
  const age = checks.find(({ name }) => name === 'trust-age')?.detail
  const checked = chosen.from === 'folder' ? WORDS.folderNamed(chosen.name) : WORDS.filesNamed(chosen.files.map(({ name }) => name))
  const rows: readonly (readonly [string, string])[] = [
    [WORDS.factChecked, checked],
    [WORDS.factKind, WORDS.kinds[kind]],
    [WORDS.factTrust, trust?.name ?? WORDS.noTrustFile],
    ...(age === undefined ? [] : [[WORDS.factTrustAge, age] as const]),
  ]
  return element('dl', {}, ...rows.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]))
}

function viewCheck({ ok, name, meaning, detail }: DescribedCheck): HTMLElement {
  return element(
    'li',
    { class: ok ? 'holds' : 'failed' },
    element(
      'p',
      { class: 'check' },
      element('span', { class: 'state' }, element('span', { 'aria-hidden': 'true' }, ok ? SIGNS.valid : SIGNS.failed), ` ${ok ? WORDS.holds : WORDS.failed}`),
      ' ',
      element('code', {}, name),
      meaning === '' ? '' : ` ${meaning}`,
    ),
    ...(detail === '' ? [] : [element('p', { class: 'detail' }, ...withCode(detail))]),
  )
}

/** Text between backticks is code. */
const withCode = (text: string): readonly (Node | string)[] =>
  text.split('`').map((part, i, all) => (i % 2 === 0 || i === all.length - 1 ? part : element('code', {}, part)))
