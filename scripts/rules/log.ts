import type { Limit, Place, Rule } from './rule.ts'

const PROOFS = 'packages/proofs/src'

const inReceipt = (symbol: string, find: string, replace = ''): Place => ({ file: `${PROOFS}/check-receipt.ts`, symbol, find, replace })

const TAG_ONCE: Place = {
  file: `${PROOFS}/batch.ts`,
  symbol: 'followEntry',
  find: "  if (hasTag(state.tags, leaf.tag)) return refuse('TAG_TWICE', `the tag of leaf ${state.size} is there already`)\n",
  replace: '',
}

const attacked = (rule: Omit<Rule, 'test'>): Rule => ({ ...rule, test: 'log.test.ts' })

/** `Log`: a holder that hides what it gave. */
export const LOG: readonly Rule[] = [
  attacked({
    configuration: 'Log_x_noLinkCheck',
    rule: 'The requester holds the head of a receipt against its link: the same handle, signed by the control key of that head.',
    attack: 'The holder logs and receipts under a relationship of its own; the patient’s walk is complete, and empty.',
    kept: [inReceipt('checkRight', '  if (verdict.ok) return []\n', '  if (verdict.ok || context.link !== null) return []\n')],
  }),
  attacked({
    configuration: 'Log_x_noSeenCheck',
    rule: 'A requester uses a leaf for one answer. Its own log refuses the second mirror entry too, and its table of receipts the second row.',
    attack: 'One leaf for two answers: the patient finds one access.',
    kept: [
      inReceipt('checkLeaf', "    ...unless(!context.seen(hashOfLeaf(leafBytes)), 'LEAF_SEEN', 'the leaf came with an earlier answer'),\n"),
      {
        file: 'packages/node/src/access-log/access-log.ts',
        symbol: '#refuseKnownTags',
        find: 'const isKnown = inBatch.has(name) || hasTag(this.#state.tags, entry.tag)',
        replace: 'const isKnown = false',
      },
      TAG_ONCE,
      { file: 'packages/node/src/requester/kept-receipts.ts', symbol: 'keep', find: 'INSERT INTO copy (', replace: 'INSERT OR REPLACE INTO copy (' },
    ],
  }),
  attacked({
    configuration: 'Log_x_noOriginCheck',
    rule: 'The note of a receipt is by the key of a log that the ledger has.',
    attack: 'A receipt under a log that was never opened: nobody walks it, nobody can dispute it.',
    kept: [inReceipt('checkLeaf', "    ...guarded('LOG_UNPROVEN', () => verifyLogProof(proof, leafBytes, context.holderLogs)),\n")],
  }),
  attacked({
    configuration: 'Log_x_noCopy',
    rule: 'The requester keeps each receipt, sealed to the patient, who compares it with the holder’s log.',
    attack: 'An access under a junk tag: log, seal and notes are in order, and the patient’s walk does not meet it.',
    kept: [
      {
        file: 'packages/node/src/requester/kept-receipts.ts',
        symbol: 'keep',
        find: 'await log.append({ tag, com: mirrorCom(salt, receipt), alongside: copy })',
        replace: 'await log.append({ tag, com: mirrorCom(salt, receipt) })',
      },
    ],
  }),
  attacked({
    configuration: 'Log_x_noDispute',
    rule: 'A requester disputes a note that the holder’s public log does not extend within an hour.',
    attack: 'A receipt under a private note while the public log stays shorter: nothing contradicts it.',
    kept: [
      {
        file: 'packages/node/src/requester/kept-receipts.ts',
        symbol: 'settle',
        find: 'else contradictions.push({ leafHash, receipt, origin, size })',
        replace: 'else if (later !== undefined) contradictions.push({ leafHash, receipt, origin, size })',
      },
    ],
  }),
  attacked({
    configuration: 'Log_x_noDupCheck',
    rule: 'No witness cosigns a log in which a tag stands twice.',
    attack: 'Two accesses with the tag of one number: the holder shows either, and the list verifies.',
    kept: [TAG_ONCE],
  }),
  attacked({
    configuration: 'Log_x_noSealCheck',
    rule: 'No witness cosigns a seal whose tag map does not follow from the leaves.',
    attack: 'The map leaves number 0 out, so its absence is proved: an empty list verifies.',
    kept: [
      {
        file: `${PROOFS}/batch.ts`,
        symbol: 'followSeal',
        find: 'if (!equalBytes(leaf.tag, state.tags.root)) return',
        replace: 'if (leaf.tag.length !== 32) return',
      },
    ],
  }),
  attacked({
    configuration: 'Log_x_noChainCheck',
    rule: 'The head commits to the tag key under which the list of accesses was made.',
    attack: 'A list under another tag key has no entry, truly, and verifies.',
    kept: [{ file: `${PROOFS}/verify/completeness.ts`, symbol: 'checkChain', find: 'demand(foreign === undefined,', replace: 'demand(logs.length > 0,' }],
  }),
  attacked({
    configuration: 'Log_x_noAllOrigins',
    rule: 'A list of accesses walks every log of the holder, from the first to one that is proved empty.',
    attack: 'An access under log 1, then log 2 is opened: a list of log 2 alone verifies.',
    kept: [
      {
        file: `${PROOFS}/verify/completeness.ts`,
        symbol: 'checkNext',
        find: 'demand(read.next.value === null || read.next.value.size === 0,',
        replace: 'demand(read !== undefined,',
      },
      {
        file: `${PROOFS}/verify/completeness.ts`,
        symbol: 'checkNext',
        find: 'demand(earlier.length === last - 1,',
        replace: 'demand(earlier.length < last,',
      },
    ],
  }),
  attacked({
    configuration: 'Log_x_noSkipProof',
    rule: 'A receipt that lies in the log and not in the complete list is proof of fraud.',
    attack: 'A skipped number: the requester’s copy shows the access to the patient, and proves nothing to others.',
    kept: [
      { file: `${PROOFS}/verify/bundle.ts`, symbol: 'formOf', find: "return some(...ACCESS) ? 'left-out' : 'completeness'", replace: "return 'completeness'" },
    ],
  }),
]

export const LOG_LIMITS: readonly Limit[] = [
  {
    configuration: 'Log_x_strong',
    limit: 'A holder that skips a number, or logs under a junk tag, hides the access from a list that verifies; only the requester’s copy shows it.',
    test: 'log.test.ts',
  },
]
