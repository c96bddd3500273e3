import { shape } from '@fiducia/core'
import { prepareView, type View, ViewError } from '@fiducia/fhir'
import { type Answer, UsageError } from '../output.ts'
import { readTextInput, withoutMark } from '../read-input.ts'
import { streamResources } from '../stream-resources.ts'
import { fileSink, type Format, FORMATS, type RowWriter, rowWriter, type Sink, standardOutput } from '../write-rows.ts'

/**
 * `fiducia view run VIEW RESOURCES`: the rows that a SQL-on-FHIR ViewDefinition makes of resources. The view is checked as a
 * whole before a resource is read; resources and rows pass through one after another.
 */
export interface ViewFlags {
  readonly format?: string
  readonly out?: string
  readonly json?: boolean
}

export async function runView(viewFile: string, resources: string, flags: ViewFlags): Promise<Answer> {
  const format = formatOf(flags)
  const view = withPlace(viewFile, () => prepareView(parseView(viewFile)))
  const writer = rowWriter(
    format,
    view.columns.map(({ name }) => name),
  )
  await using sink = flags.out === undefined ? standardOutput() : fileSink(flags.out)
  const counts = await pass(view, resources, writer, sink)
  await sink.finish()
  if (flags.out === undefined) return { exitCode: 0, json: undefined, text: '', isWritten: true }
  return { exitCode: 0, json: { ...counts, out: flags.out }, text: `${counts.rows} rows of ${counts.resources} resources are in ${flags.out}` }
}

function formatOf({ format, out, json }: ViewFlags): Format {
  const ending = out === undefined ? (json === true ? 'json' : 'table') : out.slice(out.lastIndexOf('.') + 1)
  const wanted = format ?? ending
  const known = FORMATS.find((name) => name === wanted)
  if (known === undefined) {
    const found = format === undefined ? `a file that ends otherwise, without --format` : `\`${format}\``
    throw new UsageError('BAD_USE', `expected one of ${FORMATS.join(', ')}, found ${found}`, '--format')
  }
  if (json === true && out === undefined && known !== 'json') {
    throw new UsageError('BAD_USE', `expected --json or --format ${known}, found both: --json prints one JSON value`, '--format')
  }
  return known
}

function parseView(file: string): unknown {
  const text = withoutMark(readTextInput(file, 'a ViewDefinition'))
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError('JSON_SYNTAX', 'expected a ViewDefinition as JSON, found other text', file)
  }
}

async function pass(view: View, source: string, writer: RowWriter, sink: Sink): Promise<{ readonly rows: number; readonly resources: number }> {
  using progress = new Progress()
  let ofType = 0
  for await (const batch of streamResources(source, 'FHIR resources', view.resource === 'Bundle')) {
    const texts: string[] = []
    for (const found of batch) {
      const rows = withPlace(source, () => view.rowsOf(found))
      for (const row of rows) texts.push(writer.row(row))
      progress.add(rows.length)
      ofType += Number(isOfType(found.resource, view.resource))
    }
    await sink.write(texts.join(''))
    progress.show()
  }
  for (const text of writer.end()) await sink.write(text)
  if (ofType === 0 && progress.resources > 0) process.stderr.write(`fiducia: none of the ${progress.resources} resources is of the type \`${view.resource}\`\n`)
  return { rows: progress.rows, resources: progress.resources }
}

const isOfType = (resource: unknown, type: string): boolean => shape.isObject(resource) && resource['resourceType'] === type

/** A fault of the view or of a resource with the file that it was found in. */
function withPlace<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ViewError) throw new UsageError(error.code, `${file}: ${error.message}`, error.at ?? file)
    throw error
  }
}

const SHOWN_AFTER_MS = 1000
const SHOWN_EVERY_MS = 250

/** Counts, and shows them on a terminal once a run takes longer than a second. */
class Progress implements Disposable {
  rows = 0
  resources = 0
  readonly #start = performance.now()
  #shown: number | undefined

  add(rows: number): void {
    this.resources += 1
    this.rows += rows
  }

  show(): void {
    const now = performance.now()
    if (!process.stderr.isTTY || now - this.#start < SHOWN_AFTER_MS || now - (this.#shown ?? 0) < SHOWN_EVERY_MS) return
    this.#shown = now
    process.stderr.write(`\r${this.resources} resources, ${this.rows} rows`)
  }

  [Symbol.dispose](): void {
    if (this.#shown !== undefined) process.stderr.write('\r\u001b[K')
  }
}
