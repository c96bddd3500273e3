import { joinInitials, namesNothing, plainText } from './plain-text.ts'

/**
 * Names without case, accents, marks and the dots of initials. Each part of a person's name has a field of its own, so titles and suffixes are brought
 * together only where they are the whole value: nobody whose family name is Mister Young loses a word.
 */
export function personName(value: string): string {
  const plain = plainText(joinInitials(value))
  return namesNothing(plain) ? '' : (TITLES.get(plain) ?? plain)
}

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
  return namesNothing(name) ? '' : name
}

/** With or without blanks between letters: `P. C.` has become `p c`. `Rowan & Co.` is Rowan. */
const LEGAL_FORMS =
  /(?: (?:and )?(?:inc|incorporated|corp|corporation|co|company|ltd|limited|l ?l ?c|l ?t ?d|p ?l ?l ?c|p ?c|p ?s ?c|a ?p ?c|p ?a|l ?p|l ?l ?p|p ?l ?l ?p|(?:a )?professional (?:corporation|corp|association)|limited liability (?:company|co)))+$/
