import { readFileSync } from 'node:fs'
import { decodeUtf8 } from '@fiducia/core'
import { Command, CommanderError } from 'commander'
import { answers } from './answers.ts'
import type { AuditFlags } from './commands/audit.ts'
import type { ExportFlags } from './commands/consent.ts'
import type { PreviewFlags } from './commands/consent-preview.ts'
import { addDirectoryCommands } from './directory-commands.ts'
import { addKeyCommands } from './key-commands.ts'
import { addLinkCommands } from './link-commands.ts'
import { addNetworkCommands } from './network-commands.ts'
import { printError, UsageError } from './output.ts'
import { readTextInput } from './read-input.ts'
import { addStudyCommands } from './study-commands.ts'
import { addViewCommands } from './view-commands.ts'

/** The `fiducia` command. Each subcommand loads what it needs when it is called, so that `verify` starts without a server. */

const program = new Command('fiducia')
  .description('Health records that move only by the patient’s rules, and leave proof.')
  .version('0.1.0')
  .exitOverride()
  .configureOutput({ writeErr: () => {} })
  .addHelpText(
    'after',
    '\nExit status: 0 fine or yes, 1 the answer is no or a check failed, 2 bad use or unreadable input.\nWith --json, standard output is exactly one JSON value.',
  )

program
  .command('demo')
  .description('four organizations on this machine: live with a page to look at, or the story once with its proofs')
  .option('--once', 'tell the story on a fresh network, write the proofs, stop')
  .option('--out <dir>', 'where the network and its proofs are kept')
  .option('--records <dir>', 'take the patients from FHIR R4 bundles in this folder instead of our own')
  .option('--port <number>', 'port of the page (default 7400)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Examples:
  fiducia demo                                  a network that stays (in .demo), a page, Ctrl-C to stop
  fiducia demo --once --out story               the story, and everything it left behind:
                                                nodes/ proofs/ logs/ keys/ trust.policy story.json
  fiducia demo --once --records bundles         the same with the patients of FHIR R4 Bundles
`,
  )
  .action(
    answers(async (flags: { once?: boolean; out?: string; records?: string; port?: string; json?: boolean }) => {
      const { runDemo } = await import('./commands/demo.ts')
      return runDemo(flags)
    }),
  )

program
  .command('verify')
  .description('check a proof bundle or a .tlog-proof file, offline')
  .argument('<path>', 'a bundle (folder or .zip), or NAME.tlog-proof with NAME.leaf beside it')
  .option('--trust <file>', 'a C2SP tlog-policy or a genesis file: whom you believe (default: the file that FIDUCIA_TRUST names)')
  .option('--leaf <file>', 'the entry that a .tlog-proof is about')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Whom to believe comes from outside, never from the bundle: without --trust nothing is valid.

Examples:
  fiducia verify story/proofs/05-released --trust story/trust.policy
  fiducia verify story/proofs/05-released/access.tlog-proof --trust story/trust.policy
`,
  )
  .action(
    answers(async (target: string, flags: { trust?: string; leaf?: string }) => {
      const { verify } = await import('./commands/verify.ts')
      return verify(target, flags)
    }),
  )

program
  .command('fsck')
  .description('recheck the data directory of a node that is not running, from its bytes')
  .argument('<dir>', 'the node’s data directory')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Every entry is replayed, every hash, signature and root computed again, every stored document opened against its commitment.

Example:
  fiducia fsck story/nodes/alder
`,
  )
  .action(
    answers(async (dir: string) => {
      const { fsck } = await import('./commands/fsck.ts')
      return fsck(dir)
    }),
  )

program
  .command('audit')
  .description('check a whole network over HTTP: replay the ledger, walk every access log, prove what is wrong')
  .requiredOption('--genesis <file>', 'the file that started the network: who the members are, and whom to believe')
  .option('--data <dir>', 'the data directory of the own node: the notes it holds are compared too')
  .option('--out <dir>', 'where the report and its proofs go (default: a new folder below the temporary directory)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Every entry of the ledger is replayed, every leaf and seal of every access log judged, every checkpoint that a member, the
ledger or the own node holds compared. A proof in the report is a bundle that fiducia verify accepts. Exit status 1 if
anything was found, also where something could not be checked.

Examples:
  fiducia audit --genesis .demo/genesis.json
  fiducia audit --genesis genesis.json --data /var/lib/fiducia --out audit-report
`,
  )
  .action(
    answers(async (flags: AuditFlags) => {
      const { audit } = await import('./commands/audit.ts')
      return audit(flags)
    }),
  )

const consent = program.command('consent').description('decisions on consent, and consents of other systems')

consent
  .command('decide')
  .description('who may see what: decide a case file')
  .argument('<case>', 'the case as JSON (`-` reads standard input)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
A case names the instant, the network's default, the consents, who asks for what, and the resources;
packages/cli/examples/case.json is one. Each resource comes back once, released or withheld with a reason.
docs/reference/consent.md has the rules.

Example:
  fiducia consent decide packages/cli/examples/case.json --json
`,
  )
  .action(
    answers(async (file: string) => {
      const { decide } = await import('./commands/consent.ts')
      return decide(readCase(file))
    }),
  )

consent
  .command('explain')
  .description('the decision on a case as a table: each rule, whether it matched, and why not')
  .argument('<case>', 'the case as JSON (`-` reads standard input)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Example:
  fiducia consent explain packages/cli/examples/case.json
`,
  )
  .action(
    answers(async (file: string) => {
      const { explain } = await import('./commands/consent.ts')
      return explain(readCase(file))
    }),
  )

consent
  .command('import')
  .description('FHIR Consents as policies, each in plain words or with the reason why it cannot be represented')
  .argument('<path>', 'one Consent, a Bundle or NDJSON; plain or gzip')
  .requiredOption('--profile <name>', 'how they are meant: r4 or pcf (IHE Privacy Consent on FHIR)')
  .option('--references <file>', 'practitioners, organizations, roles and groups that they refer to')
  .option('--at <instant>', 'whose members a group has: those of this instant (default: now)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Exit status 1 if one of them cannot be represented; with --json each policy stands beside its Consent.

Examples:
  fiducia consent import consents.ndjson --profile pcf --references directory.ndjson
  fiducia consent import consent.json --profile r4 --json
`,
  )
  .action(
    answers(async (path: string, flags: { profile: string; references?: string; at?: string }) => {
      const { importConsents } = await import('./commands/consent.ts')
      return importConsents(path, flags)
    }),
  )

consent
  .command('export')
  .description('a policy as a FHIR Consent that means the same')
  .argument('<policy>', 'the policy document as JSON')
  .requiredOption('--profile <name>', 'r4 or pcf (IHE Privacy Consent on FHIR)')
  .requiredOption('--patient <reference>', 'whose consent it is, such as Patient/1')
  .requiredOption('--date <date>', 'when it was given, a FHIR dateTime')
  .option('--id <id>', 'id of the Consent')
  .option('--performer <reference>', 'who gave it')
  .option('--organization <reference>', 'who enforces it')
  .option('--source <reference>', 'the signed document')
  .option('--policy-uri <uri>', 'the base policy that was agreed to')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
The Consent is read back before it is printed. Exit status 1 with the reason where no Consent of the profile means the same.

Example:
  fiducia consent export policy.json --profile r4 --patient Patient/1 --date 2026-11-22
`,
  )
  .action(
    answers(async (path: string, flags: ExportFlags) => {
      const { exportPolicy } = await import('./commands/consent.ts')
      return exportPolicy(path, flags)
    }),
  )

consent
  .command('token')
  .description('the claims that IHE PCF adds to an access token: what is left to filter')
  .argument('<case>', 'a case with FHIR Consents (`-` reads standard input)')
  .option('--base <url>', 'FHIR base URL of the consents and the patient')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Example:
  fiducia consent token case.json --base https://fhir.example.org
`,
  )
  .action(
    answers(async (file: string, flags: { base?: string }) => {
      const { tokenFor } = await import('./commands/consent.ts')
      return tokenFor(readCase(file), flags.base)
    }),
  )

consent
  .command('preview')
  .description('who would lose or gain sight of what, if one policy took the place of another')
  .argument('<before>', 'what holds: a policy document, choices, or a list of versions that count together')
  .argument('<after>', 'what would hold instead')
  .requiredOption('--actors <file>', 'a list of those who may look: name, purposes, and identifiers, organization, group, roles, careRelationship, actions')
  .requiredOption('--record <file>', 'the resources: JSON, a Bundle or NDJSON; plain or gzip')
  .option('--default <name>', 'what the network grants without consent (default: deny)')
  .option('--at <instant>', 'the instant that is looked at (default: now)')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
Choices are what a patient picks: {"preset": "ask-me", "shared": ["hiv"], "approved": [{"who": {"organization": "birch"}}],
"hidden": ["Observation/1"]}; the presets are care-team, ask-me, emergency-only and closed.

Example:
  (in packages/cli/examples/preview) fiducia consent preview before.json after.json --actors actors.json --record record.json
`,
  )
  .action(
    answers(async (before: string, after: string, flags: PreviewFlags) => {
      const { previewConsent } = await import('./commands/consent-preview.ts')
      return previewConsent(before, after, flags)
    }),
  )

program
  .command('labels')
  .description('labelling rules')
  .command('coverage')
  .description('which codes of a record got which label from which rule and source')
  .argument('<path...>', 'FHIR resources: JSON, a Bundle or NDJSON; plain or gzip')
  .option('--json', 'print one JSON value')
  .addHelpText(
    'after',
    `
For those who write labelling rules: each code once, with its label, the row that gave it and where that row comes from.

Example:
  fiducia labels coverage record.json more.ndjson.gz
`,
  )
  .action(
    answers(async (paths: readonly string[]) => {
      const { labelsCoverage } = await import('./commands/labels.ts')
      return labelsCoverage(paths)
    }),
  )

program
  .command('serve')
  .description('run one node')
  .requiredOption('--config <file>', 'its configuration')
  .option('--json', 'print one JSON value when it stops')
  .addHelpText(
    'after',
    `
docs/guide/run-a-node.md explains the configuration; fiducia demo writes four of them below .demo/nodes.

Example:
  fiducia serve --config node.json
`,
  )
  .action(
    answers(async (flags: { config: string }) => {
      const { serve } = await import('./commands/serve.ts')
      return serve(flags.config)
    }),
  )

program
  .command('witness')
  .description('run a node that only witnesses: it replays the ledger, mirrors every access log and cosigns what holds')
  .requiredOption('--config <file>', 'its configuration, with `"witnessOnly": true`')
  .option('--json', 'print one JSON value when it stops')
  .addHelpText(
    'after',
    `
It needs no FHIR server and holds no records; docs/guide/run-a-network.md shows one.

Example:
  fiducia witness --config valley/nodes/elm/config.json
`,
  )
  .action(
    answers(async (flags: { config: string }) => {
      const { witness } = await import('./commands/serve.ts')
      return witness(flags.config)
    }),
  )

addNetworkCommands(program)
addKeyCommands(program)
addLinkCommands(program)
addStudyCommands(program)
addViewCommands(program)
addDirectoryCommands(program)

function readCase(file: string): string {
  if (file !== '-') return readTextInput(file, 'a case file')
  try {
    return decodeUtf8(new Uint8Array(readFileSync(0)))
  } catch {
    throw new UsageError('FILE_UNREADABLE', 'expected a case as UTF-8 on standard input', '-')
  }
}

// Whoever reads the answer may stop reading (`fiducia … | head`): that is no error of the command.
process.stdout.on('error', () => process.exit())

const badUse = ({ code, message }: CommanderError): string =>
  code === 'commander.help' ? 'expected a command, found none; `fiducia --help` lists them' : message.replace(/^error: /, '')

const isJson = process.argv.includes('--json')
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0
  else if (error instanceof CommanderError) process.exitCode = printError(new UsageError('BAD_USE', badUse(error)), isJson)
  else throw error
}
