import type { Place, Rule } from './rule.ts'

const TRANSITIONS = 'packages/ledger/src/modules/policy/transitions.ts'
const QUERIES = 'packages/ledger/src/modules/policy/queries.ts'

const inTransition = (symbol: string, find: string, replace: string): Place => ({ file: TRANSITIONS, symbol, find, replace })
const inEffectiveHead = (find: string, replace = ''): Place => ({ file: QUERIES, symbol: 'effectiveHead', find, replace })

const INVARIANT: Place = {
  file: 'packages/ledger/src/modules/policy/invariants.ts',
  symbol: 'breaks',
  find: "if (head.epoch < old.epoch || head.version < old.version) return 'an epoch or a version fell'\n  ",
  replace: '',
}

const attacked = (rule: Omit<Rule, 'test'>): Rule => ({ ...rule, test: 'heads.test.ts' })

/** `Heads`: what changes a head, and who may. */
export const HEADS: readonly Rule[] = [
  attacked({
    configuration: 'Heads_x_epoch',
    rule: 'A change of keys carries the head’s epoch plus one.',
    attack: 'A change of delegates that a later one undid is sent again, and the delegate is back.',
    kept: [
      inTransition(
        'setDelegates',
        'requireEpoch(epoch, head.epoch + 1) ??\n    requireSigners(judging, decodeBase64Url(head.control)) ??',
        'requireSigners(judging, decodeBase64Url(head.control)) ??',
      ),
      INVARIANT,
    ],
  }),
  attacked({
    configuration: 'Heads_x_version',
    rule: 'A policy carries the head’s version plus one.',
    attack: 'After a restriction the permit from before it is sent again, and is in force.',
    kept: [inTransition('setPolicy', 'if (version !== head.version + 1)', 'if (version < 1)'), INVARIANT],
  }),
  attacked({
    configuration: 'Heads_x_vetoEpoch',
    rule: 'A veto names the epoch of the recovery that it ends.',
    attack: 'A veto that was used once ends every later recovery, whoever sends it.',
    kept: [
      inTransition(
        'vetoRecovery',
        'return requireEpoch(epoch, head.epoch) ?? requireSigners(judging, decodeBase64Url(head.control))',
        'return requireSigners(judging, decodeBase64Url(head.control))',
      ),
    ],
  }),
  attacked({
    configuration: 'Heads_x_raise',
    rule: 'A recovery raises the epoch when it is accepted, not when it takes effect.',
    attack: 'A recovery that was vetoed is sent again, and again.',
    kept: [inTransition('recover', "epoch,\n      status: 'recovering',", "status: 'recovering',")],
  }),
  attacked({
    configuration: 'Heads_x_bothSign',
    rule: 'The old and the new control key both sign a rotation.',
    attack: 'Anybody rotates the head to a key of their own.',
    kept: [inTransition('rotateControl', 'requireSigners(judging, decodeBase64Url(head.control), newKey)', 'requireSigners(judging, newKey)')],
  }),
  attacked({
    configuration: 'Heads_x_recSign',
    rule: 'Enough recovery keys of the old set sign a new set.',
    attack: 'A thief who has control replaces the recovery set, and the owner never comes back.',
    kept: [
      inTransition(
        'setRecovery',
        'requireRecoveryKeys(head, { rand32, keys }) ??\n    requireSigners(judging, decodeBase64Url(head.control), ...recoveryKeys)',
        'requireSigners(judging, decodeBase64Url(head.control))',
      ),
    ],
  }),
  attacked({
    configuration: 'Heads_x_noWait',
    rule: 'A recovery takes effect after 72 hours, in which control may veto.',
    attack: 'A thief who has the recovery set has control at once.',
    kept: [inTransition('recover', 'at: judging.time + RECOVERY_WAIT_MS', 'at: judging.time')],
  }),
  attacked({
    configuration: 'Heads_x_commitNull',
    rule: 'A recovery leaves no policy in force.',
    attack: 'What a thief signed goes on after the owner has recovered.',
    kept: [inEffectiveHead('    commitment: null,\n'), inEffectiveHead('    base: null,\n')],
  }),
  attacked({
    configuration: 'Heads_x_asWritten',
    rule: 'A recovery leaves no base for a delegate to build on.',
    attack: 'A delegate of the new control signs; the versions from before the recovery are consulted again, and permit.',
    kept: [inEffectiveHead('    base: null,\n')],
  }),
  attacked({
    configuration: 'Heads_x_vetoClose',
    rule: 'A veto ends a recovery and nothing else.',
    attack: 'A veto clears the holder’s close without a new epoch, and the same close is sent again.',
    kept: [
      inTransition(
        'vetoRecovery',
        "if (head.status !== 'recovering') return refuse('REL_NOTHING_TO_VETO'",
        "if (head.pending === null) return refuse('REL_NOTHING_TO_VETO'",
      ),
    ],
  }),
  attacked({
    configuration: 'Heads_x_closeOver',
    rule: 'While a recovery runs, the holder does not close.',
    attack: 'The holder’s close replaces the owner’s recovery.',
    kept: [
      inTransition(
        'closeRelationship',
        'export function closeRelationship(judging: Judging, { handle, epoch }: AtEpoch): Outcome {\n  const head = changeableHead(judging, handle)\n',
        'export function closeRelationship(judging: Judging, { handle, epoch }: AtEpoch): Outcome {\n  const head = { ...relationship(judging.state, handle), status: "open" }\n',
      ),
      inTransition(
        'closeRelationship',
        "if (head.pending !== null) return refuse('REL_PENDING'",
        "if (head.pending?.kind === 'close') return refuse('REL_PENDING'",
      ),
    ],
  }),
  attacked({
    configuration: 'Heads_stuck',
    rule: 'A recovery is accepted while a close is pending, and replaces it.',
    attack: 'An owner who has the recovery set alone can do nothing for 30 days; then the head is closed.',
    kept: [
      inTransition(
        'recover',
        'const signers = [...keys, newControl].map((pub) => decodeBase64Url(pub))\n',
        "const signers = [...keys, newControl].map((pub) => decodeBase64Url(pub))\n  if (head.pending !== null) return refuse('REL_PENDING')\n",
      ),
    ],
  }),
]

/** `Roles`. */
export const ROLES: readonly Rule[] = [
  {
    configuration: 'Roles_x_noVersion',
    rule: 'A statement about a role carries the group’s version plus one.',
    attack: 'An attestation that was withdrawn is sent again, and the role is back.',
    kept: [
      {
        file: 'packages/ledger/src/modules/directory/transitions.ts',
        symbol: 'stateRole',
        find: 'if (version !== expected)',
        replace: 'if (version < 1)',
      },
      {
        file: 'packages/ledger/src/modules/directory/invariants.ts',
        symbol: 'directoryInvariants',
        find: 'after.version === (before?.version ?? 0) + 1',
        replace: 'after.version >= 1',
      },
    ],
    test: 'roles.test.ts',
  },
]
