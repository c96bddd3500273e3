import type { Limit, Place, Rule } from './rule.ts'

const GATEWAY = 'packages/node/src/gateway'
const RELATIONSHIPS = 'packages/node/src/relationships'

const inVersions = (symbol: string, find: string, replace: string): Place => ({ file: `${RELATIONSHIPS}/policy-versions.ts`, symbol, find, replace })

/** A pending version that something else than its commit or a `replaces` ends. */
const alsoEndedBy = (condition: string): Place =>
  inVersions(
    'pendingVersions',
    'return versions.filter(({ commitment, byControl, by }) => ',
    `const isOver = (version: number) => versions.some((one) => one.byControl && committed.has(one.commitment) && ${condition})\n  return versions.filter(({ commitment, byControl, by, version }) => !isOver(version) && `,
  )

const DECIDED_AGAIN: Place = {
  file: `${GATEWAY}/release.ts`,
  symbol: 'createRelease',
  find: 'if (response.status !== 403) decideAgain(',
  replace: 'if (response.status === 500) decideAgain(',
}

const attacked = (rule: Omit<Rule, 'test'>): Rule => ({ ...rule, test: 'release.test.ts' })

/** `Release`: what stands between a decision and the data. */
export const RELEASE: readonly Rule[] = [
  attacked({
    configuration: 'Release_x_noPending',
    rule: 'A release asks the committed versions and every pending one; all must permit.',
    attack: 'A restriction is acknowledged, the operator delays it, and the committed policy still permits.',
    kept: [
      inVersions(
        'consult',
        '...heads.flatMap((head) => versionsOfHead(handle, head)), ...pending]',
        '...heads.flatMap((head) => versionsOfHead(handle, head))]',
      ),
    ],
  }),
  attacked({
    configuration: 'Release_x_ackFirst',
    rule: 'A version is durable before its acknowledgment leaves.',
    attack: 'A restriction is acknowledged out of memory; after a crash nobody knows of it.',
    kept: [
      {
        file: `${RELATIONSHIPS}/policy-files.ts`,
        symbol: 'add',
        find: 'if (!durable.has(version.commitment)) {',
        replace: 'if (!durable.has(version.commitment) && !versions.has(version.handle)) {',
      },
    ],
  }),
  attacked({
    configuration: 'Release_x_restore',
    rule: 'Acknowledged versions live outside the database.',
    attack: 'A restored database forgets a restriction that was acknowledged after the copy was made.',
    kept: [
      {
        file: 'packages/node/src/node-files.ts',
        symbol: 'nodeFiles',
        find: "policies: path.join(data, 'outside', 'policies')",
        replace: "policies: path.join(data, 'node.sqlite-policies')",
      },
    ],
  }),
  attacked({
    configuration: 'Release_x_noLaterHeads',
    rule: 'Every head of the own replica from the cosigned height on is asked too.',
    attack: 'A restriction stands in the holder’s replica, its cosigned checkpoint is older, and decides alone.',
    kept: [inVersions('headsSince', 'height <= tip.height; height += 1', 'height <= cosignedHeight; height += 1')],
  }),
  attacked({
    configuration: 'Release_x_notFresh',
    rule: 'A holder without a fresh quorum denies.',
    attack: 'A restriction is cosigned, the operator keeps it from the holder, which releases under the old checkpoint for ever.',
    kept: [{ file: `${GATEWAY}/gates.ts`, symbol: 'decide', find: "['NODE_BEHIND', cosigned === undefined]", replace: "['NODE_BEHIND', false]" }],
  }),
  attacked({
    configuration: 'Release_x_noRecheck',
    rule: 'After the leaf is durable the decision is taken again, with the heads of that moment.',
    attack: 'A restriction reaches the replica between decision and answer, and the answer leaves.',
    kept: [DECIDED_AGAIN],
  }),
  attacked({
    configuration: 'Release_x_noRecheckAck',
    rule: 'After the leaf is durable the decision is taken again, with the pending versions of that moment.',
    attack: 'A restriction is acknowledged between decision and answer, and the answer leaves.',
    kept: [DECIDED_AGAIN],
  }),
  attacked({
    configuration: 'Release_x_noLeaf',
    rule: 'The leaf is durable before a byte leaves.',
    attack: 'Decided, sent, and the process ends before the leaf: no trace at the holder.',
    kept: [
      {
        file: `${GATEWAY}/release.ts`,
        symbol: 'createRelease',
        find: 'const receipt = await logEvent(context, ports.log, relationship, answered, head)',
        replace: 'const receipt = await logEvent(context, ports.log, relationship, answered, head).catch(() => undefined)',
      },
    ],
  }),
  attacked({
    configuration: 'Release_x_noMirror',
    rule: 'The mirror entry is durable before data is used.',
    attack: 'The receipt holds, the data is used, and the process ends before the mirror: no trace at the requester.',
    kept: [
      {
        file: 'packages/node/src/requester/exchange.ts',
        symbol: 'createExchange',
        find: 'await kept.keep(answer.receipt, accepted, question.link)',
        replace: 'await kept.keep(answer.receipt, accepted, question.link).catch(() => undefined)',
      },
    ],
  }),
  attacked({
    configuration: 'Release_x_endsGeq',
    rule: 'A pending version does not end because its number is reached.',
    attack: 'Two devices sign the same number; the permit commits, and the restriction is over.',
    kept: [alsoEndedBy('one.version >= version')],
  }),
  attacked({
    configuration: 'Release_x_asWritten3guard',
    rule: 'A pending version ends by its commit, or by a version of control’s that names it; never by a later number.',
    attack: 'Two permits were signed before the restriction and are held back; they commit, and the restriction is over.',
    kept: [alsoEndedBy('one.version > version')],
  }),
  attacked({
    configuration: 'Release_x_asWritten3',
    rule: 'No version is acknowledged that the holder’s replica has passed.',
    attack: 'A restriction that can never commit is acknowledged, and a later number has ended it already.',
    kept: [
      { file: `${RELATIONSHIPS}/accept-policy.ts`, symbol: 'judgePolicy', find: 'if (version <= head.version)', replace: 'if (version < 1)' },
      alsoEndedBy('one.version > version'),
    ],
  }),
  attacked({
    configuration: 'Release_x_delegate',
    rule: 'A delegate’s pending version does not end with its transaction’s time.',
    attack: 'A delegate restricts, the operator drops it for some minutes, it expires, and the holder that acknowledged it releases.',
    kept: [
      inVersions(
        'createPolicyVersions',
        'pendingVersions(files.of(handle), ',
        'pendingVersions(files.of(handle).filter((one) => one.byControl || context.clock.now() <= decodeTransaction(one.wire).validUntil), ',
      ),
      inVersions('createPolicyVersions', 'import { bodiesOf, effectiveHead, ', 'import { bodiesOf, decodeTransaction, effectiveHead, '),
    ],
  }),
  attacked({
    configuration: 'Release_live_newest',
    rule: 'A committed version of control’s ends the pending ones that it names in `replaces`.',
    attack: 'Two devices sign the same number; the restriction can never commit, and no permit ever acts again.',
    kept: [inVersions('pendingVersions', '!committed.has(commitment) && !replaced.has(commitment) && ', '!committed.has(commitment) && ')],
  }),
]

export const RELEASE_LIMITS: readonly Limit[] = [
  {
    configuration: 'Release_x_window',
    limit: 'A holder that is kept from a restriction releases under a checkpoint that is still fresh, T + 30 s at most. Only the acknowledgment acts at once.',
    test: 'release.test.ts',
  },
]
