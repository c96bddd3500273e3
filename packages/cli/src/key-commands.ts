import type { Command } from 'commander'
import { answers } from './answers.ts'
import type { KeysFlags } from './commands/keys.ts'

/** `fiducia keys …`: what an operator does with the organization's keys while its node runs. */
export function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('an organization’s keys: look at them, add, rotate, retire, while its node runs')
  const withConfig = (name: string, what: string) =>
    keys
      .command(name)
      .description(what)
      .requiredOption('--config <file>', 'the node’s configuration: where its keys are, and where it listens')
      .option('--json', 'print one JSON value')

  withConfig('list', 'every key that the organization ever had on the ledger').action(
    answers(async (flags: KeysFlags) => {
      const { listKeys } = await import('./commands/keys.ts')
      return listKeys(flags)
    }),
  )

  withConfig('add', 'a new key on the ledger, beside those that are there')
    .requiredOption('--role <role>', 'node, witness, ledger, log or research')
    .option('--public <key>', 'a key that the agent or the key folder has already (base64url); else one is made in the key folder')
    .action(
      answers(async (flags: KeysFlags & { role: string; public?: string }) => {
        const { addKey } = await import('./commands/keys.ts')
        return addKey(flags)
      }),
    )

  withConfig('rotate', 'a new key, in use; then the old ones of this role are retired')
    .requiredOption('--role <role>', 'node, witness, ledger or log')
    .option('--public <key>', 'a key that the agent or the key folder has already (base64url); else one is made in the key folder')
    .addHelpText(
      'after',
      `
The node takes the new key into use by itself. A witness's or the ledger's old key is retired only when the other witnesses have
cosigned the change, so no reader is left without a way from the old key to the new one. A log's key changes with its log: the
log that is written ends with a seal, and its standby goes on. What was proved before keeps verifying.

Examples:
  fiducia keys rotate --role witness --config valley/nodes/birch/config.json
  fiducia keys rotate --role node --public 3qX…8Q --config node.json      a key that the ssh-agent holds
`,
    )
    .action(
      answers(async (flags: KeysFlags & { role: string; public?: string }) => {
        const { rotateKey } = await import('./commands/keys.ts')
        return rotateKey(flags)
      }),
    )

  withConfig('retire', 'a key counts no more from the next block on')
    .requiredOption('--key <key>', 'its id, as `fiducia keys list` shows it')
    .option('--compromised-from <when>', 'a height or a time: from there on nothing that it signed counts')
    .action(
      answers(async (flags: KeysFlags & { key: string; compromisedFrom?: string }) => {
        const { retireKey } = await import('./commands/keys.ts')
        return retireKey(flags)
      }),
    )
}
