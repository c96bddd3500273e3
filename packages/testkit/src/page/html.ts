/** Text in HTML: everything that is inserted is escaped, unless it was made by this very tag. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insert = string | number | Html | readonly Html[]

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function insert(value: Insert): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value))
  return value.map(({ text }) => text).join('')
}

export function html(strings: TemplateStringsArray, ...values: readonly Insert[]): Html {
  return new Html(strings.map((part, i) => part + (i < values.length ? insert(values[i] ?? '') : '')).join(''))
}
