import { joinInitials, plainText, saysNothing } from './plain-text.ts'
import { SHORT_DIRECTIONS, SHORT_FORMS, STREET_SUFFIXES, UNIT_DESIGNATORS } from './street-words.ts'

/**
 * Lines of an address as USPS Publication 28 standardizes them, in small letters: `100 North Main Street, Suite #5` is `100 n main st ste 5`.
 *
 * - Every word is written short (`street-words.ts`). Suite, Ste, Unit and `#` are one designator: which of them is written is chance.
 * - A direction is written short unless it is all the name that a street has: E Street and East Street are two streets in one city.
 * - `P.O. Box`, `POB`, `Post Office Box` and a line that begins with `Box` are `po box`; `2nd Floor` is `fl 2`.
 */
export function addressLine(value: string): string {
  const plain = plainText(joinInitials(value).replaceAll('#', ' ste '))
  if (saysNothing(plain)) return ''
  const words = plain.split(' ').map((word) => SHORT_FORMS.get(word) ?? word)
  return words
    .map((word, i) => (isWholeName(words, i) ? word : (SHORT_DIRECTIONS.get(word) ?? word)))
    .join(' ')
    .replace(/^(?:p ?o ?b|(?:p ?o|post ofc) (?:box|bx)|box|bx)(?= \w*\d)/, 'po box')
    .replaceAll(/(?<!\d(?:st|nd|rd|th) )\b(\d+)(?:st|nd|rd|th) fl\b/g, 'fl $1')
    .replaceAll(SECOND_DESIGNATOR, '$1')
}

/** `apt # 4`, `suite #4`: the number sign behind a designator says nothing more. */
const SECOND_DESIGNATOR = new RegExp(`\\b(${[...UNIT_DESIGNATORS].join('|')})(?: ste)+\\b`, 'g')

/** A direction between the number and one suffix: `100 east st`, not `100 east park ave`. */
function isWholeName(words: readonly string[], i: number): boolean {
  const [before, next, afterNext] = [words[i - 1], words[i + 1], words[i + 2]]
  const isFirst = before === undefined || /^\d+$/.test(before)
  return isFirst && next !== undefined && STREET_SUFFIXES.has(next) && (afterNext === undefined || !STREET_SUFFIXES.has(afterNext))
}

/** What names of cities share whoever writes them: `N. Saint Mary` and `North St Mary`. */
const CITY_WORDS: ReadonlyMap<string, string> = new Map([...SHORT_DIRECTIONS, ['saint', 'st'], ['sainte', 'ste'], ['mount', 'mt'], ['fort', 'ft']])

export function city(value: string): string {
  const plain = plainText(joinInitials(value))
  if (saysNothing(plain)) return ''
  return plain
    .split(' ')
    .map((word) => CITY_WORDS.get(word) ?? word)
    .join(' ')
}
