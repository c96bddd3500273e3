import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { SimulateFlags } from './commands/study.ts'
import { printError, UsageError } from './output.ts'

const eachOf = (value: string, before?: readonly string[]): readonly string[] => [...(before ?? []), value]

/** `fiducia study …`: federated research, exact answers from masked sums. */
export function addStudyCommands(program: Command): void {
  const study = program
    .command('study')
    .description('research over several organizations: exact answers from masked sums')
    // Where a command is missing or misspelled, that is the fault, whatever options come with it.
    .allowUnknownOption()
    .argument('[words...]')
    .usage('<command> [options]')
    .action((words: readonly string[]) => {
      const names = study.commands.map((one) => `\`fiducia study ${one.name()}\``).join(' or ')
      const found = words[0] === undefined || words[0].startsWith('-') ? 'none of them' : `\`${words[0]}\``
      process.exitCode = printError(new UsageError('BAD_USE', `expected ${names}, found ${found}`), words.includes('--json'))
    })
  study
    .command('simulate')
    .description('run a study over files as if each were an organization’s own: a process for each, masked sums, a ledger, a bundle')
    .argument('<spec>', 'the study as JSON')
    .option('--site <name=file>', 'a site and its rows, as CSV with a header, or as FHIR resources where the study has a view; at least three', eachOf)
    .option('--policy <name=file>', 'what a site allows, as JSON; without one the rules of the study are the site’s', eachOf)
    .option('--out <dir>', 'a new or empty folder for the bundle, drawings, the model and its card (default: a kept one below the temporary directory)')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Missing values are empty, NA or ?; a row without a value in a used column is left out and counted. Methods: count, describe, table, histogram,
kaplan-meier, glm, cox. Exit status 1 where the policy of a site or the data does not allow the study.

Example:
  (in packages/cli/examples/study) fiducia study simulate glm.json --site north=north.csv --site south=south.csv --site west=west.csv
`,
    )
    .action(
      answers(async (spec: string, flags: SimulateFlags) => {
        const { simulate } = await import('./commands/study.ts')
        return simulate(spec, flags)
      }),
    )
  study
    .command('show')
    .description('what a study computes on whom, what leaves a site and what does not, in plain words')
    .argument('<spec>', 'the study as JSON')
    .option('--json', 'print one JSON value')
    .action(
      answers(async (spec: string) => {
        const { show } = await import('./commands/study.ts')
        return show(spec)
      }),
    )
}
