import type { Limit, Rule } from './rule.ts'

const WITNESS = 'packages/proofs/src/witness.ts'
const JUDGEMENT = 'packages/engine/src/judgement.ts'
const RECEIPT = 'packages/proofs/src/check-receipt.ts'
const HAND_ON = 'packages/node/src/peers/hand-on.ts'

const attacked = (rule: Omit<Rule, 'test'>): Rule => ({ ...rule, test: 'quorum.test.ts' })

/** `Quorum`: an operator that forks, withholds, drops. */
export const QUORUM: readonly Rule[] = [
  attacked({
    configuration: 'Quorum_x_majority3',
    rule: 'A quorum of N groups is ⌊(N − 1) / 2⌋ + 2 of them, one more than a majority.',
    attack: 'With two of three, the operator signs one history with one member and another with the other.',
    kept: [
      {
        file: 'packages/ledger/src/modules/membership/queries.ts',
        symbol: 'quorumOfGroups',
        find: 'Math.floor((groups - 1) / 2) + 2',
        replace: 'Math.floor((groups - 1) / 2) + 1',
      },
    ],
  }),
  attacked({
    configuration: 'Quorum_x_noExtend',
    rule: 'A witness cosigns what extends its last cosignature, and on the ledger only what it replayed.',
    attack: 'A quorum cosigns one history, later all cosign another.',
    kept: [
      {
        file: WITNESS,
        symbol: 'judgeAddCheckpoint',
        find: 'known.size === checkpoint.size && !equalBytes(known.root, checkpoint.root)',
        replace: 'known.size < 0',
      },
      {
        file: WITNESS,
        symbol: 'isConsistent',
        find: '    verifyConsistency(known.size, checkpoint.size, request.path, known.root, checkpoint.root)\n',
        replace: '',
      },
      { file: JUDGEMENT, symbol: 'judgeReplayed', find: 'if (!equalBytes(ledger.log.root(size), root)) return', replace: 'if (root.length !== 32) return' },
    ],
  }),
  attacked({
    configuration: 'Quorum_x_notFresh',
    rule: 'A reader believes a head by cosignatures that are at most T old.',
    attack: 'A revocation is cosigned; the holder shows the old checkpoint, which has a valid quorum for ever.',
    kept: [
      {
        file: RECEIPT,
        symbol: 'checkHead',
        find: 'context.breakGlass ? {} : { window: slotWindow(leaf.slot, context.freshSeconds) }',
        replace: '{}',
      },
    ],
  }),
  attacked({
    configuration: 'Quorum_x_noCurrent',
    rule: 'A head is proved under the last block of the checkpoint.',
    attack: 'The checkpoint has the revocation in its last block; the holder proves the head under the block before, and the checkpoint is fresh.',
    kept: [{ file: RECEIPT, symbol: 'checkPlace', find: 'unless(proof.index === size - 1,', replace: 'unless(proof.index < size,' }],
  }),
  attacked({
    configuration: 'Quorum_x_noDropRule',
    rule: 'A witness does not cosign while a transaction that it passed on waits.',
    attack: 'The operator leaves a revocation out for ever; heartbeats go on, readers stay fresh, and the old head holds.',
    kept: [{ file: JUDGEMENT, symbol: 'judge', find: 'const late = handedOn.overdue()', replace: 'const late = undefined' }],
  }),
  attacked({
    configuration: 'Quorum_x_4oneWitness',
    rule: 'A member that takes a transaction in hands it to every other at once.',
    attack: 'One member alone knows of the revocation; the others and the operator are a quorum.',
    kept: [{ file: HAND_ON, symbol: 'take', find: 'if (!wasHandedOn) tellOthers(wire)', replace: '' }],
  }),
  attacked({
    configuration: 'Quorum_x_afterExpiry',
    rule: 'A transaction that was dropped until it expired is counted in public by every member that passed it on.',
    attack:
      'Once it has expired all cosign again: the revocation is gone for good, and nobody is told. (That it is gone no rule prevents; the wallet signs it again.)',
    kept: [{ file: 'packages/engine/src/handed-on.ts', symbol: 'settle', find: '      expired += 1\n', replace: '' }],
  }),
]

export const QUORUM_LIMITS: readonly Limit[] = [
  {
    configuration: 'Quorum_x_window',
    limit: 'A reader acts on a head of before a revocation while its cosignatures are fresh, T + 30 s at most.',
    test: 'quorum.test.ts',
  },
]
