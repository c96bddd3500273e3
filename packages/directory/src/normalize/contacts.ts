import { plainText, saysNothing } from './plain-text.ts'

/**
 * A phone number of the North American plan as its ten digits, any other as `+` and digits. An extension names a desk, not the number. Letters are
 * the digits on their keys if that makes ten (`1-800-555-CARE` is 8005552273), otherwise words around the number.
 */
export function phone(value: string): string {
  const text = value.normalize('NFKC').toLowerCase().trim()
  if (saysNothing(plainText(text))) return ''
  const number = withoutExtension(text)
  const digits = digitsOf(number)
  if (isFiller(digits)) return ''
  const international = /^\D*\+/.test(number) ? digits : ABROAD.exec(digits)?.[1]
  if (international !== undefined) return american(international) ?? `+${international}`
  return tenDigits(digitsOf(number.replaceAll(/[a-z]/g, keyOf))) ?? tenDigits(digits) ?? digits
}

/** Of the letters from a to z, three or four on a key. */
const KEYS = '22233344455566677778889999'
const keyOf = (letter: string): string => KEYS.charAt(letter.charCodeAt(0) - 97)

/** What is dialed in front of a country code, here and in most other countries. */
const ABROAD = /^(?:011|00)([1-9]\d{7,})$/

const EXTENSION = /(?:;?(?<![a-z])(?:extension|extn|ext|x)|#)[\s.:=]*\d{1,7}$/

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')
/** With or without the country code 1; an area code never begins with 0 or 1. */
const tenDigits = (digits: string): string | undefined => /^1?([2-9]\d{9})$/.exec(digits)?.[1]
/** Behind a plus the country code must be there: `+2…` is Africa. */
const american = (digits: string): string | undefined => (digits.startsWith('1') ? tenDigits(digits) : undefined)

/** One digit from end to end is what forms that insist are filled with. */
const isFiller = (digits: string): boolean => digits === '' || digits === digits.charAt(0).repeat(digits.length)

/** Unless hardly a number is left: then it was no extension. */
function withoutExtension(text: string): string {
  const number = text.replace(EXTENSION, '')
  return digitsOf(number).length < 7 ? text : number
}

/** Scheme and host in small letters, without the scheme's own port and without slashes at the end of the path; a path is as it was written. */
export function url(value: string): string {
  const text = value.trim()
  if (saysNothing(plainText(text))) return ''
  const [, scheme = '', host = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(text) ?? []
  const start = scheme.toLowerCase()
  const named = host.toLowerCase().trim()
  const path = /[?#]/.test(rest) ? rest : withoutEnd(rest, (end) => end.trim() === '' || end === '/')
  const port = OWN_PORTS[start]
  return start + (port !== undefined && named.endsWith(port) ? named.slice(0, -port.length) : named) + path
}

const OWN_PORTS: { readonly [scheme: string]: string } = { 'http://': ':80', 'https://': ':443' }

/** A pattern would begin anew at each character of a long run. */
function withoutEnd(text: string, isLeftOut: (character: string) => boolean): string {
  let end = text.length
  while (end > 0 && isLeftOut(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
