import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { ContestFlags, ContestsFlags, RuleFlags } from './commands/directory-contests.ts'
import type { DiffFlags } from './commands/directory-diff.ts'
import type { NetworkDiffFlags } from './commands/directory-diff-network.ts'
import type { EraseFlags } from './commands/directory-erase.ts'
import type { EvidenceFlags } from './commands/directory-evidence.ts'
import type { ImportFlags } from './commands/directory-import.ts'
import type { ApproveFlags, LoadsFlags } from './commands/directory-loads.ts'
import type { ResolveFlags } from './commands/directory-resolve.ts'
import type { SearchFlags } from './commands/directory-search.ts'
import { UsageError } from './output.ts'

/** `fiducia directory …`: what is said of providers, loaded from files, decided and looked up. */
export function addDirectoryCommands(program: Command): void {
  const directory = program.command('directory').description('providers: load files, see what holds, search')
  addImport(directory)
  addLoads(directory)
  addQuestions(directory)
  addDiff(directory)
  addContests(directory)
  addEvidence(directory)
  addErase(directory)
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
    .option('--max-change <percent>', 'above this share of changed and withdrawn subjects of one kind another person has to approve', '20')
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
    .description('how often each field says something else: two rosters compared, or (with --data) our words with all others’')
    .argument('[a]', 'a roster: CSV in UTF-8 with a header')
    .argument('[b]', 'the other one; columns may have other names and another order')
    .option('--key <column>', 'of rosters: the column that names a row in both')
    .option('--field <name>', 'NAME=A:B: a field and its column in each roster; repeat for more. With --data a field whose differences are listed', several)
    .option('--normalize <how>', 'of rosters: default (as the directory compares) or raw', 'default')
    .option('--data <dir>', 'where the directory is kept: our organization’s words there against those of all other groups')
    .option('--org <name>', 'with --data: whose words are ours (default: the organization of the node’s config.json)')
    .option('--limit <number>', 'with --data and --field: how many subjects are listed', '100')
    .option('--after <subject>', 'with --data and --field: only subjects after this one, the last of the page before')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
With --data every subject of which our organization says something is compared: \`differs\` where the words of all other groups come to another
value than ours, \`alone\` where no other group says anything.

Examples:
  fiducia directory diff a.csv b.csv --key NPI --field name.family="Last Name:surname" --field phone=Phone:tel
  fiducia directory diff --data directory --org valley-plan --field role.phone
`,
    )
    .action(
      answers(async (a: string | undefined, b: string | undefined, { data, ...flags }: DiffFlags & Partial<NetworkDiffFlags>) => {
        if (data === undefined) {
          if (a === undefined || b === undefined)
            throw new UsageError('BAD_USE', `expected two rosters, or --data, found ${a === undefined ? 'none' : 'one roster'}`)
          const { diffRosters } = await import('./commands/directory-diff.ts')
          return diffRosters(a, b, flags)
        }
        if (a !== undefined) throw new UsageError('BAD_USE', 'expected rosters or --data, found both', '--data')
        const { diffNetwork } = await import('./commands/directory-diff-network.ts')
        return diffNetwork({ ...flags, data })
      }),
    )
}

const several = (value: string, before?: readonly string[]): readonly string[] => [...(before ?? []), value]

const CONFIG = '--config <file>'
const CONFIG_MEANS = 'the configuration of the organization’s node, which runs'

function addContests(directory: Command): void {
  directory
    .command('contest')
    .description('doubt a field of what another member said: three members with no part in it rule, and reliability follows')
    .requiredOption('--against <org>', 'who said it')
    .requiredOption('--field <name>', 'the field, as resolve names it')
    .option('--npi <number>', 'of the provider with this NPI')
    .option('--subject <key>', 'of a subject by its key, such as a role')
    .requiredOption(CONFIG, CONFIG_MEANS)
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
The ledger gets the statement’s commitment, its place and the name of the field. A network needs five groups for a panel of three.

Example:
  fiducia directory contest --npi 1234567893 --field name.family --against dune --config node.json
`,
    )
    .action(
      answers(async (flags: ContestFlags) => {
        const { contest } = await import('./commands/directory-contests.ts')
        return contest(flags)
      }),
    )
  directory
    .command('contests')
    .description('what is contested, by whom, how it stands, and what is ours to rule')
    .requiredOption(CONFIG, CONFIG_MEANS)
    .option('--json', 'print one JSON value')
    .action(
      answers(async (flags: ContestsFlags) => {
        const { listContests } = await import('./commands/directory-contests.ts')
        return listContests(flags)
      }),
    )
  directory
    .command('rule')
    .description('rule on a contest as a member of its panel')
    .argument('<contest>', 'its id')
    .requiredOption('--ruling <word>', 'stands (what was said is right), falls or unclear')
    .requiredOption(CONFIG, CONFIG_MEANS)
    .option('--json', 'print one JSON value')
    .action(
      answers(async (id: string, flags: RuleFlags) => {
        const { rule } = await import('./commands/directory-contests.ts')
        return rule(id, flags)
      }),
    )
}

function addEvidence(directory: Command): void {
  directory
    .command('evidence')
    .description('a sample of what this member says of providers, drawn by a block of the ledger: how fresh it is, for an auditor')
    .requiredOption('--config <file>', 'the configuration of the member’s node, which runs')
    .requiredOption('--out <folder>', 'a new or empty folder: the bundle goes into sample/, and trust.policy beside it')
    .option('--days <number>', 'how old a fresh statement may be', '90')
    .option('--size <number>', 'how many statements are drawn', '100')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
The newest block that a quorum cosigned draws the statements, and what was said anew since is shown with them: the member
chooses nothing but when it asks. Only statements in batches that count are drawn.

The bundle holds the statements that were drawn with their values, names and addresses of natural persons among them. It goes to
an auditor who may see them, not to the public.

Example:
  fiducia directory evidence --config network/nodes/alder/config.json --out evidence
  fiducia verify evidence/sample --trust evidence/trust.policy
`,
    )
    .action(
      answers(async (flags: EvidenceFlags) => {
        const { makeEvidence } = await import('./commands/directory-evidence.ts')
        return makeEvidence(flags)
      }),
    )
}

function addErase(directory: Command): void {
  directory
    .command('erase')
    .description('erase a provider here: its statements, its roles and participations, whoever said them; their commitments stay')
    .requiredOption('--data <dir>', 'where the directory is kept')
    .requiredOption('--as <person>', 'who erases: kept with the number of statements, and not about whom they were')
    .option('--npi <number>', 'the provider with this NPI')
    .option('--subject <key>', 'a provider without one, or an endpoint, by its key')
    .option('--dry-run', 'say how much would be erased, and change nothing')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
No byte is left in the directory's file: it is rewritten, for which twice its size must be free. Everything else in the same
batches proves as before. Files of loads that still have the provider are named.

A later file that has the provider, a batch that is fetched from another member, or a backup brings it back. Other members hold
copies of their own, and their operators erase there. Exit status 1 if nothing was said of the provider.

Example:
  fiducia directory erase --npi 1234567893 --data directory --as kim --dry-run
`,
    )
    .action(
      answers(async (flags: EraseFlags) => {
        const { erase } = await import('./commands/directory-erase.ts')
        return erase(flags)
      }),
    )
}
