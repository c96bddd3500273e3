/** Lower case without accents and punctuation, one blank between words; letters of any script stay. */
export function plainText(value: string): string {
  // Most of what is written has nothing of what Unicode is asked for, and asking costs four times as much.
  if (!BEYOND_ASCII.test(value))
    return value
      .toLowerCase()
      .replaceAll("'", '')
      .replaceAll(/[^a-z0-9]+/g, ' ')
      .trim()
  return value
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\p{M}'’]/gu, '')
    .replaceAll(/[ßæøœłđðþı]/g, (letter) => SPELLED_OUT[letter] ?? letter)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

const BEYOND_ASCII = /[\u0080-\uffff]/

/** Letters that Unicode does not take apart, as passports spell them without their own script. */
const SPELLED_OUT: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', ø: 'o', œ: 'oe', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' }

/** What forms put where nothing is known, as plain text; `<UNAVAIL>` is what NPPES puts where something is withheld. */
const SAYS_NOTHING: ReadonlySet<string> = new Set('na;n a;null;none;nil;unknown;unk;nan;not known;missing;unavail;not available;not applicable'.split(';'))

/** Of plain text: whether it is empty or stands for an empty field. */
export const saysNothing = (plain: string): boolean => plain === '' || SAYS_NOTHING.has(plain)

/** `P.O.` and `L.L.C.` become `PO` and `LLC`: letters that stand alone, each with a dot behind it, are one word. */
export const joinInitials = (value: string): string =>
  !value.includes('.') ? value : value.replaceAll(/(?<![\p{L}\p{N}])(?:\p{L}\.)+\p{L}?(?![\p{L}\p{N}])/gu, (initials) => initials.replaceAll('.', ''))
