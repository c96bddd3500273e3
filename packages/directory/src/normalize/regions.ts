import { ALPHA_2, COUNTRY_NAMES } from './country-codes.ts'
import { plainText, saysNothing } from './plain-text.ts'

/** A state or territory of the United States as its two letters, by name or code; a province of another country as plain text in capitals. */
export function state(value: string): string {
  const plain = plainText(value)
  if (saysNothing(plain)) return ''
  const letters = plain.replaceAll(' ', '')
  return STATE_CODES.get(letters) ?? (letters.length === 2 ? letters : plain).toUpperCase()
}

/** Those that USPS delivers to: fifty states, the District, territories, freely associated states, and the armed forces. */
const STATES = `
AL alabama; AK alaska; AZ arizona; AR arkansas; CA california; CO colorado; CT connecticut; DE delaware; DC district of columbia; DC washington dc;
FL florida; GA georgia; HI hawaii; ID idaho; IL illinois; IN indiana; IA iowa; KS kansas; KY kentucky; LA louisiana; ME maine; MD maryland;
MA massachusetts; MI michigan; MN minnesota; MS mississippi; MO missouri; MT montana; NE nebraska; NV nevada; NH new hampshire; NJ new jersey;
NM new mexico; NY new york; NC north carolina; ND north dakota; OH ohio; OK oklahoma; OR oregon; PA pennsylvania; RI rhode island; SC south carolina;
SD south dakota; TN tennessee; TX texas; UT utah; VT vermont; VA virginia; WA washington; WA washington state; WV west virginia; WI wisconsin;
WY wyoming; AS american samoa; GU guam; MP northern mariana islands; MP commonwealth of the northern mariana islands; PR puerto rico;
VI virgin islands; VI us virgin islands; VI virgin islands of the us; UM us minor outlying islands; FM federated states of micronesia; FM micronesia;
MH marshall islands; PW palau; AA armed forces americas; AE armed forces europe; AP armed forces pacific`

const STATE_CODES: ReadonlyMap<string, string> = new Map(
  STATES.split(';').map((row) => {
    const [code = '', ...name] = row.trim().split(/\s+/)
    return [name.join(''), code]
  }),
)

/**
 * Five digits of a ZIP or ZIP+4, with or without the hyphen. A code of another form is another country's: it stays, in capitals without
 * blanks and marks. Four digits are one too, so a ZIP that a spreadsheet took the zero from is not made whole.
 */
export function postalCode(value: string): string {
  const plain = plainText(value)
  if (saysNothing(plain)) return ''
  const characters = plain.replaceAll(' ', '').toUpperCase()
  const zip = /^(\d{5})(?:\d{4})?$/.exec(characters)?.[1] ?? characters
  return /^0+$/.test(zip) ? '' : zip
}

/**
 * ISO 3166-1 alpha-2, from it, from alpha-3 and from the usual names; whatever else as plain text in capitals. NA is Namibia. Empty stays
 * empty: it is no word for any country.
 */
export function country(value: string): string {
  const plain = plainText(value)
  if (plain !== 'na' && saysNothing(plain)) return ''
  const named = COUNTRY_NAMES.get(plain.replace(/^the /, ''))
  const letters = plain.replaceAll(' ', '').toUpperCase()
  return named ?? ALPHA_2.get(letters) ?? (letters.length === 2 ? letters : plain.toUpperCase())
}
