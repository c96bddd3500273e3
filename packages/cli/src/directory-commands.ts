import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { DiffFlags } from './commands/directory-diff.ts'
import type { ImportFlags } from './commands/directory-import.ts'
import type { ApproveFlags, LoadsFlags } from './commands/directory-loads.ts'
import type { ResolveFlags } from './commands/directory-resolve.ts'
import type { SearchFlags } from './commands/directory-search.ts'

/** `fiducia directory …`: what is said of providers, loaded from files, decided and looked up. */
export function addDirectoryCommands(program: Command): void {
  const directory = program.command('directory').description('providers: load files, see what holds, search')
  addImport(directory)
  addLoads(directory)
  addQuestions(directory)
  addDiff(directory)
}

function addImport(directory: Command): void {
  directory
    .command('import')
    .description('load files of providers: only what changed or has grown old is stated, every row is accepted or comes back with its reason')
    .argument('<path...>', 'the files, plain or gzip')
    .requiredOption('--format <name>', 'nppes (the national register), csv (with --map) or fhir (Plan-Net resources: NDJSON or Bundles)')
    .requiredOption('--data <dir>', 'where the directory is kept: a node’s data directory, or a folder of its own')
    .option('--map <file>', 'which column holds which field, as JSON: {"key": "NPI", "fields": {"name.family": "Last Name"}}')
    .option('--origin <name>', 'whose word it is in the end (default: nppes for the register, else the organization)')
    .option('--basis <name>', 'how the organization knows: own-record, counterparty, self, observed, or import, which counts least', 'import')
    .option('--org <name>', 'the organization, where the folder is not that of a node', 'local')
    .option('--as <person>', 'who loads it (default: the user of this computer)')
    .option('--observed <date>', 'when the source saw it so, where the file does not say (default: now)')
    .option('--full', 'the files are all that the origin has: whoever is not in them is withdrawn')
    .option('--max-change <percent>', 'above this share of changed and withdrawn subjects another person has to approve', '20')
    .option('--dry-run', 'say what would happen, and leave nothing')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
A load that is killed goes on when the same files are imported again. Nothing of it is seen before all of it is there.
Exit status 1 if it waits for approval; rows that were not taken stand in the exception file, to be corrected and imported.

Examples:
  fiducia directory import --format nppes npidata_pfile.csv pl_pfile.csv --full --data directory
  (in packages/cli/examples/directory) fiducia directory import --format csv roster.csv --map roster-map.json --data directory
`,
    )
    .action(
      answers(async (paths: readonly string[], flags: ImportFlags) => {
        const { importFiles } = await import('./commands/directory-import.ts')
        return importFiles(paths, flags)
      }),
    )
}

function addLoads(directory: Command): void {
  directory
    .command('loads')
    .description('what was loaded, by whom, and what became of it')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .option('--json', 'print one JSON value')
    .action(
      answers(async (flags: LoadsFlags) => {
        const { loads } = await import('./commands/directory-loads.ts')
        return loads(flags)
      }),
    )
  directory
    .command('approve')
    .description('go on with a load that would change much, or reject it')
    .argument('<load>', 'its number')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .requiredOption('--as <person>', 'who approves: somebody else than who loaded it')
    .option('--reject', 'drop it')
    .option('--json', 'print one JSON value')
    .action(
      answers(async (load: string, flags: ApproveFlags) => {
        const { approve } = await import('./commands/directory-loads.ts')
        return approve(load, flags)
      }),
    )
  directory
    .command('abandon')
    .description('drop a load that was interrupted')
    .argument('<load>', 'its number')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .option('--json', 'print one JSON value')
    .action(
      answers(async (load: string, flags: LoadsFlags) => {
        const { abandon } = await import('./commands/directory-loads.ts')
        return abandon(load, flags)
      }),
    )
}

function addQuestions(directory: Command): void {
  directory
    .command('resolve')
    .description('what holds of each field, and why: who says so, since when, who says otherwise')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .option('--npi <number>', 'the provider with this NPI, its roles and their locations')
    .option('--subject <key>', 'one subject by its key')
    .option('--at-time <instant>', 'as it was then, such as 2026-11-22T10:00:00Z (default: now)')
    .option('--at-height <height>', 'what the network knew after this block; in a node’s data directory')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Without --npi and --subject all subjects, one JSON value in each line; with --json one array.
--npi finds the roles and locations that hold today; one that did earlier is found by its key.
In a node’s data directory contests that were decided move the weight of whoever lost or won them.

Examples:
  fiducia directory resolve --npi 1234567893 --data directory
  fiducia directory resolve --npi 1234567893 --data network/nodes/alder --at-height 120
`,
    )
    .action(
      answers(async (flags: ResolveFlags) => {
        const { resolve } = await import('./commands/directory-resolve.ts')
        return resolve(flags)
      }),
    )
  directory
    .command('search')
    .description('practitioners by family name, organizations by name, in a state')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .requiredOption('--name <text>', 'how the name begins')
    .requiredOption('--state <code>', 'the state in which they can be found, such as OR')
    .option('--json', 'print one JSON value')
    .action(
      answers(async (flags: SearchFlags) => {
        const { search } = await import('./commands/directory-search.ts')
        return search(flags)
      }),
    )
}

function addDiff(directory: Command): void {
  directory
    .command('diff')
    .description('two rosters compared: who is in one of them only, and how often each field says something else')
    .argument('<a>', 'a roster: CSV in UTF-8 with a header')
    .argument('<b>', 'the other one; columns may have other names and another order')
    .option('--key <column>', 'the column that names a row in both')
    .option('--field <name=a:b>', 'a field and its column in each; repeat for more', (field: string, fields?: readonly string[]) => [...(fields ?? []), field])
    .option('--normalize <how>', 'default (as the directory compares) or raw', 'default')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Example:
  fiducia directory diff a.csv b.csv --key NPI --field name.family="Last Name:surname" --field phone=Phone:tel
`,
    )
    .action(
      answers(async (a: string, b: string, flags: DiffFlags) => {
        const { diffRosters } = await import('./commands/directory-diff.ts')
        return diffRosters(a, b, flags)
      }),
    )
}
