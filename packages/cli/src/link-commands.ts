import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { SuggestFlags } from './commands/link.ts'

/** `fiducia link …`: which records of two organizations may be about one person. */
export function addLinkCommands(program: Command): void {
  program
    .command('link')
    .description('which records of two organizations may be about one person')
    .command('suggest')
    .description('candidate pairs from keyed encodings alone; nothing is joined')
    .argument('<a>', 'records of one organization: CSV in UTF-8 with a header, plain or gzip')
    .argument('<b>', 'records of the other; columns may have other names and another order')
    .option('--id <column>', 'the column that names the records (default: the first one of each file)')
    .option('--threshold <number>', 'show pairs from this score on, 0 to 1 (default: found in the data)')
    .option('--one-to-one', 'each record of the first file at most once too')
    .option('--key <file>', 'the consortium’s key, 32 bytes in hex (default: a fresh one for this run)')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Both organizations are played in this one process: each encodes its own file under the key, and only the encodings are compared.
Each record of the second file gets at most one of the first. What is shown are suggestions: somebody who knows the
patients decides. docs/guide/suggest-links.md says what encodings tell the other side.

Examples:
  fiducia link suggest alder.csv birch.csv
  fiducia link suggest alder.csv birch.csv --id record --key consortium.key --one-to-one --json
`,
    )
    .action(
      answers(async (a: string, b: string, flags: SuggestFlags) => {
        const { suggest } = await import('./commands/link.ts')
        return suggest(a, b, flags)
      }),
    )
}
