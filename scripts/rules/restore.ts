import type { Place, Rule } from './rule.ts'

const ACCESS_LOG = 'packages/node/src/access-log/access-log.ts'
const START_CHECK = 'packages/node/src/access-log/start-check.ts'

/** The file of the last signed size: looked at when the log is opened, and at each signature. */
const FILE: readonly [Place, Place] = [
  {
    file: ACCESS_LOG,
    symbol: '#checkAgainstFile',
    find: 'if (signed.size > this.size || !equalBytes(this.hashes.root(signed.size), signed.root))',
    replace: 'if (signed.size < 0)',
  },
  {
    file: 'packages/engine/src/sign-once.ts',
    symbol: 'record',
    find: 'if (last !== undefined && signed.size <= last.size)',
    replace: 'if (signed.size < 0)',
  },
]

const NOTES: Place = {
  file: START_CHECK,
  symbol: 'ask',
  find: 'const wrong = notes.find((note) => !isExtended(log, note))',
  replace: 'const wrong = undefined',
}

const attacked = (rule: Omit<Rule, 'test'>): Rule => ({ ...rule, test: 'restore.test.ts' })

/** `Restore`: an honest log after a crash, a restored database, a restored machine. */
export const RESTORE: readonly Rule[] = [
  attacked({
    configuration: 'Restore_x_noSignOnce',
    rule: 'The last signed size and root are kept outside the database; a log that does not extend them is over.',
    attack: 'Notes are signed and nothing is sealed, the database is restored, witnesses know nothing of it: the log signs a second root.',
    kept: FILE,
  }),
  attacked({
    configuration: 'Restore_x_noAsk',
    rule: 'The file, the members and the ledger are all asked what the log signed.',
    attack: 'Without any of them a restored database signs a second root also of a size that is sealed and cosigned.',
    kept: [
      ...FILE,
      NOTES,
      { file: START_CHECK, symbol: 'check', find: 'if (own !== undefined && own.size > 0 &&', replace: 'if (own !== undefined && own.size < 0 &&' },
    ],
  }),
  attacked({
    configuration: 'Restore_x_snapshot',
    rule: 'At start every member is asked for the notes of the log that it holds.',
    attack: 'Database and file come back together from an image of the machine: only the requester knows of the note that was signed since.',
    kept: [NOTES],
  }),
  attacked({
    configuration: 'Restore_x_outageSnapshot',
    rule: 'A log of which nobody says what it signed takes no entry.',
    attack: 'The image comes back while nobody can be asked: file and database agree, and the log signs a second root.',
    kept: [
      {
        file: START_CHECK,
        symbol: 'whyHeld',
        find: 'answers.length > 0 && silent.length === answers.length && !isFreshStandby',
        replace: 'answers.length < 0',
      },
    ],
  }),
  attacked({
    configuration: 'Restore_x_outage',
    rule: 'The next log’s key is registered ahead, so that a restored node goes on without the ledger.',
    attack: 'The log before is over, the ledger is away: nothing can be logged, and so nothing released, not even in an emergency.',
    kept: [
      { file: 'packages/node/src/access-log/own-logs.ts', symbol: 'end', find: 'if (hasKey(k + 1)) openNext()', replace: '' },
      {
        file: 'packages/node/src/access-log/own-logs.ts',
        symbol: 'goOn',
        find: 'if (current().frozenBecause !== undefined && hasKey(current().k + 1)) openNext()',
        replace: '',
      },
    ],
  }),
  attacked({
    configuration: 'Restore_x_noOneTx',
    rule: 'Number and leaf are allotted in one transaction of the database.',
    attack: 'A crash between them leaves a number that no leaf has; the patient’s walk stops there, and accuses an honest holder.',
    kept: [
      {
        file: ACCESS_LOG,
        symbol: 'append',
        find: 'return this.#enqueue(entry).then((appended) => {',
        replace:
          "if ('relationship' in entry) Object.assign(entry, { n: this.#allotN(entry.relationship.handle) })\n    return this.#enqueue(entry).then((appended) => {",
      },
      { file: ACCESS_LOG, symbol: '#writeEntry', find: 'const n = this.#allotN(handle)', replace: 'const n = entry.n' },
    ],
  }),
  attacked({
    configuration: 'Restore_x_frozen',
    rule: 'A log that was followed by the next still gets its checkpoints and answers on the ledger.',
    attack: 'A note of the last batch is disputed after a planned rotation, and no answer exists.',
    kept: [
      {
        file: 'packages/ledger/src/modules/access/transitions.ts',
        symbol: 'checkpointAccessLog',
        find: "if (size <= known.size) return refuse('ACCESS_NOT_GROWN'",
        replace:
          "if ((accessLog(state, `${state.net}/log/${owner.org}/${owner.k + 1}`)?.size ?? 0) > 0) return refuse('ACCESS_ORDER')\n  if (size <= known.size) return refuse('ACCESS_NOT_GROWN'",
      },
    ],
  }),
]
