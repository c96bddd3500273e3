import { type Ended, FOUND, play } from './rules/play.ts'
import type { Rule } from './rules/rule.ts'
import { LIMITS, RULES } from './rules/table.ts'

/**
 * `npm run rules [-- --only CONFIGURATION]`: plays every attack of the models against the code, where it must be held off,
 * and against the code without the rule, where it must succeed.
 */
function chosen(args: readonly string[]): readonly Rule[] {
  const at = args.indexOf('--only')
  const names = at < 0 ? undefined : args.slice(at + 1)
  return RULES.filter(({ configuration }) => names === undefined || names.includes(configuration))
}

const say = (ended: Ended | undefined, words: Readonly<Record<'held' | 'found', string>>): string =>
  ended === undefined ? 'not played' : ended.as === 'broken' ? `BROKEN: ${ended.why.split('\n')[0]}` : words[ended.as]

async function main(args: readonly string[]): Promise<number> {
  const rules = chosen(args)
  if (rules.length === 0) {
    process.stdout.write('expected a configuration of docs/spec/model after --only\n')
    return 2
  }
  const limits = args.length === 0 ? LIMITS : []
  const { whole, without } = await play(rules, limits)
  process.stdout.write(`\n| configuration | kept in | as it is | without the rule |\n|---|---|---|---|\n`)
  for (const { configuration, kept } of rules) {
    const places = kept.map(({ file, symbol }) => `\`${symbol}\` (${file})`).join(', ')
    const [held, found] = [
      say(whole.get(configuration), { held: 'held off', found: 'ATTACK' }),
      say(without.get(configuration), { held: 'NOT NOTICED', found: 'attack found' }),
    ]
    process.stdout.write(`| ${configuration} | ${places} | ${held} | ${found} |\n`)
  }
  for (const { configuration } of limits)
    process.stdout.write(`| ${configuration} | a limit | ${say(whole.get(configuration), { held: 'as documented', found: 'OTHERWISE' })} | |\n`)
  const isGood = [...whole.values()].every(({ as }) => as === 'held') && [...without.values()].every(({ as }) => as === 'found')
  process.stdout.write(
    isGood
      ? `\n${rules.length} rules: each attack is held off, and found where the rule is taken out\n`
      : `\na rule is not kept, or not tried; an attack that succeeds says \`${FOUND}…\`\n`,
  )
  return isGood ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
