/**
 * How a JSON text is built, without its values. The text is walked by hand: a regular expression that takes a whole string
 * runs out of stack on a long one, and on one with many escaped quotes it starts again at each of them.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The place behind the string that opens at `from`; the end of the text when it is never closed. */
function endOfString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) i += 1
    else if (code === QUOTE) return i + 1
  }
  return text.length
}

/** What stands outside strings, quotes left out too. */
export function withoutStrings(text: string): string {
  const parts: string[] = []
  let at = 0
  for (let quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', at)) {
    parts.push(text.slice(at, quote))
    at = endOfString(text, quote)
  }
  return parts.join('') + text.slice(at)
}

/** Strings as one token with their quotes, and the marks `{ } [ ] , :`; numbers, words and blanks are passed over. */
export function* jsonTokens(text: string): Generator<string> {
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i)
    if (char === '"') {
      const end = endOfString(text, i)
      yield text.slice(i, end)
      i = end - 1
    } else if ('{}[],:'.includes(char)) yield char
  }
}
