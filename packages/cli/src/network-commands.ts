import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { KeysFlags } from './commands/network-create.ts'
import type { StartFlags } from './commands/network-start.ts'

/** `fiducia network …`: from a manifest to a network that runs, is looked at, exported and imported. */
export function addNetworkCommands(program: Command): void {
  const network = program.command('network').description('make a network from a manifest, run it, look at it, move it')
  addMaking(network)
  addRunning(network)
  addMoving(network)
}

function addMaking(network: Command): void {
  network
    .command('create')
    .description('genesis, keys and one configuration for each node, from a manifest')
    .argument('<manifest>', 'JSON: the organizations, the operator, the rules, the addresses')
    .requiredOption('--out <dir>', 'a new or empty folder for the network')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Keys that the manifest names are used, missing ones are made (32 bytes in hex, readable by their owner only). A member that
made its keys elsewhere stands in the manifest with publicKeys and endpoint: no configuration is made for it. An existing
network is never overwritten. docs/guide/run-a-network.md explains the manifest.

Example:
  fiducia network create packages/cli/examples/network.json --out valley
`,
    )
    .action(
      answers(async (manifest: string, flags: { out: string }) => {
        const { create } = await import('./commands/network-create.ts')
        return create(manifest, flags.out)
      }),
    )

  network
    .command('keys')
    .description('one member’s keys, and their public part for the manifest')
    .argument('<org>', 'the organization’s id')
    .requiredOption('--out <dir>', 'where the key files go; existing ones are never overwritten')
    .option('--operator', 'the organization orders the ledger: a ledger key too')
    .option('--witness-only', 'the organization witnesses only: no access log’s keys')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
The files stay with the member; what is printed goes into the manifest, beside name, group and endpoint.

Example:
  fiducia network keys birch --out keys
`,
    )
    .action(
      answers(async (org: string, flags: KeysFlags) => {
        const { keys } = await import('./commands/network-create.ts')
        return keys(org, flags)
      }),
    )
}

function addRunning(network: Command): void {
  network
    .command('start')
    .description('run the nodes of a network’s folder until Ctrl-C, each in a process of its own')
    .argument('<dir>', 'the folder that `network create` made')
    .option('--one-process', 'all nodes in this process')
    .option('--detach', 'in the background: return once it is known who is ready')
    .option('--json', 'print one JSON value: when it stops, with --detach when it runs')
    .addHelpText(
      'after',
      `
A node that ends is reported, and the others go on. A node is ready when a quorum cosigned a checkpoint freshly and its FHIR
server answers; who is not ready after half a minute is named with the reason, and goes on trying.

Examples:
  fiducia network start valley
  fiducia network start valley --detach         its log is valley/network.log
`,
    )
    .action(
      answers(async (dir: string, flags: StartFlags) => {
        const { start } = await import('./commands/network-start.ts')
        return start(dir, flags)
      }),
    )

  network
    .command('status')
    .description('ask every member how far it is, and see who witnesses')
    .argument('[dir]', 'the folder of the network')
    .option('--genesis <file>', 'instead of a folder: the file that started the network')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
A member witnesses when its cosignature stands, fresh, on the newest checkpoint that a quorum cosigned. Exit status 1 if a
member does not answer, is behind, or has another app hash than the others at a height.

Examples:
  fiducia network status valley
  fiducia network status --genesis genesis.json --json
`,
    )
    .action(
      answers(async (dir: string | undefined, flags: { genesis?: string }) => {
        const { status } = await import('./commands/network-status.ts')
        return status(dir, flags.genesis)
      }),
    )

  network
    .command('stop')
    .description('stop a network that was started, and wait until it has stopped')
    .argument('<dir>', 'the folder of the network')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Exit status 1 if no process runs it.

Example:
  fiducia network stop valley
`,
    )
    .action(
      answers(async (dir: string) => {
        const { stop } = await import('./commands/network-status.ts')
        return stop(dir)
      }),
    )
}

function addMoving(network: Command): void {
  network
    .command('export')
    .description('the ledger with its cosigned checkpoint and the members’ public part, to go on elsewhere')
    .argument('<dir>', 'the folder of a network, running or stopped')
    .requiredOption('--out <folder>', 'a new or empty folder for the export')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
What is exported holds no secret and nothing about a patient: genesis.json, network.json, state.json, trust.policy and the
ledger in C2SP tiles. Members keep their keys, logs and records. Exit status 2 while blocks stand beyond the newest checkpoint
that a quorum cosigned.

Example:
  fiducia network export valley --out valley-export
`,
    )
    .action(
      answers(async (dir: string, flags: { out: string }) => {
        const { exportTo } = await import('./commands/network-move.ts')
        return exportTo(dir, flags.out)
      }),
    )

  network
    .command('import')
    .description('a network’s folder out of an export, every entry replayed')
    .argument('<folder>', 'what `network export` made')
    .requiredOption('--out <dir>', 'a new or empty folder for the network')
    .option('--nodes <dir>', 'the stopped network’s folder that is left: configurations, keys, logs and records come along')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      `
Nothing is believed: entries, state root, app hash and quorum are checked, and the first entry that is wrong is named. The
ledger goes on where it was: proofs from before keep verifying under the same trust.policy. Endpoints stand on the ledger and
stay; where a node listens (config.json) may change. Without --nodes, ledger directories are made for every member, and
each puts its config.json and keys beside its own.

Examples:
  fiducia network import valley-export --out valley2 --nodes valley
  fiducia network import valley-export --out valley2
`,
    )
    .action(
      answers(async (folder: string, flags: { out: string; nodes?: string }) => {
        const { importFrom } = await import('./commands/network-move.ts')
        return importFrom(folder, flags)
      }),
    )
}
