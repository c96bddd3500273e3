import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { KeysFlags } from './commands/network-create.ts'

/** `fiducia network …`: from a manifest to a network that runs, is looked at, exported and imported. */
export function addNetworkCommands(program: Command): void {
  const network = program.command('network').description('make a network from a manifest, run it, look at it, move it')
  addMaking(network)
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
Keys that the manifest names are used, missing ones are made (32 bytes as hex, readable by their owner only). A member that
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
