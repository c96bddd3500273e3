/** Everything that a reader cannot see, but for the two joiners without which Persian and Hindi words fall apart. */
const UNSEEN = /(?![\u200C\u200D])\p{C}/gu

/** On one line: a terminal and an XML parser do what control characters say, or stumble over them. */
export const oneLine = (text: string): string => text.replaceAll(UNSEEN, ' ')

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Letters that are drawn twice as wide as Latin ones. */
const WIDE = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u

/** At most `width` Latin letters wide, without half a letter. */
export function cutText(text: string, width: number): string {
  let cut = ''
  let used = 0
  for (const { segment } of letters.segment(text)) {
    used += WIDE.test(segment) ? 2 : 1
    if (used > width) return `${cut.trimEnd()}…`
    cut += segment
  }
  return cut
}
