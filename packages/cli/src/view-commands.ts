import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { ViewFlags } from './commands/view.ts'

/** `fiducia view …`: FHIR resources as rows, as a SQL-on-FHIR ViewDefinition says. */
export function addViewCommands(program: Command): void {
  program
    .command('view')
    .description('FHIR resources as rows, as a SQL-on-FHIR ViewDefinition says')
    .command('run')
    .description('the rows that a view makes of resources')
    .argument('<view>', 'a ViewDefinition as JSON')
    .argument('<resources>', 'NDJSON, a Bundle, a JSON array or one resource; plain or gzip (`-` reads standard input)')
    .option('--format <name>', 'table, json, ndjson or csv (default: as the name given to --out ends, else table)')
    .option('--out <file>', 'write the rows to this file, whole or not at all')
    .option('--json', 'print one JSON value: the rows as an array')
    .addHelpText(
      'after',
      `
NDJSON is read line by line, and its rows leave as they are made with --format ndjson and csv: neither has to fit into memory.
What goes wrong in the middle ends with exit status 2 after the rows before it; with --json or --out nothing is given then.
docs/reference/views.md lists the FHIRPath that is known, packages/cli/examples/view/ has views to try.

Examples:
  (in packages/cli/examples/view) fiducia view run blood-pressure.json record.ndjson
  fiducia view run patients.json export/Patient.ndjson.gz --out patients.csv
`,
    )
    .action(
      answers(async (view: string, resources: string, flags: ViewFlags) => {
        const { runView } = await import('./commands/view.ts')
        return runView(view, resources, flags)
      }),
    )
}
