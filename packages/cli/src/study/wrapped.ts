/** Characters of a line that is read and not looked at. */
const LINE_WIDTH = 100

/** An item of a list, on as many lines as it takes; further lines begin below the first word. A word that is longer than a line stays whole. */
export function wrapped(text: string, mark: string): readonly string[] {
  const lines: string[] = []
  let line = mark
  for (const word of text.split(' ')) {
    if (line.length > mark.length && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line)
      line = ' '.repeat(mark.length)
    }
    line += line.length > mark.length ? ` ${word}` : word
  }
  return [...lines, line]
}
