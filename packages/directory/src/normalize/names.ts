import { joinInitials, plainText, saysNothing } from './plain-text.ts'

/**
 * Names without case, accents, marks and the dots of initials. Each part of a person's name has a field of its own, so titles and suffixes are brought
 * together only where they are the whole value: nobody whose family name is Mister Young loses a word.
 */
export function personName(value: string): string {
  const plain = plainText(joinInitials(value))
  return saysNothing(plain) && !ALSO_NAMES.has(plain) ? '' : (TITLES.get(plain) ?? plain)
}

/** People are called that, and find themselves left out of many a file. */
const ALSO_NAMES: ReadonlySet<string> = new Set(['na', 'nan', 'null', 'none', 'nil', 'unk', 'missing'])

const TITLES: ReadonlyMap<string, string> = new Map([
  ['junior', 'jr'],
  ['senior', 'sr'],
  ['2nd', 'ii'],
  ['3rd', 'iii'],
  ['4th', 'iv'],
  ['doctor', 'dr'],
  ['professor', 'prof'],
  ['mister', 'mr'],
])

/**
 * Also without the article in front, with `&` as `and`, and without the legal form at the end: registers have it, signs do not, and payers have either. A
 * name that is nothing else keeps it.
 */
export function organizationName(value: string): string {
  const plain = plainText(joinInitials(value).replaceAll('&', ' and '))
  const name = plain
    .replace(LEGAL_FORMS, '')
    .replace(/^(?:the )+/, '')
    .replaceAll(/\bsaint\b/g, 'st')
  return saysNothing(name) ? '' : name
}

/** As plain text has them: `P. C.` has become `p c`, `P.C.` `pc`. */
const FORMS = [
  'inc|incorporated|corp|corporation|co|company|ltd|limited|limited liability (?:company|co)',
  'l ?l ?c|l ?t ?d|l ?p|l ?l ?p|p ?c|p ?a|p ?s ?c|a ?p ?c|p ?l ?l ?c|p ?l ?l ?p',
  '(?:a )?professional (?:corporation|corp|association)',
]

/** One or several behind each other, with what joins them to the name: `Rowan & Co.` is Rowan. */
const LEGAL_FORMS = new RegExp(`(?: (?:and )?(?:${FORMS.join('|')}))+$`)
