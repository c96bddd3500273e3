import {
  apply,
  type At,
  type BlockResult,
  encodeBlockEntry,
  encodeTransactionEntry,
  InvariantError,
  judgeTransaction,
  type LedgerState,
  type VerifySignature,
} from '@fiducia/ledger'
import type { Application, CheckResult, Clock, Proposal } from './port.ts'
import type { Replica } from './replica.ts'
import { createVerdicts } from './verdicts.ts'

/**
 * The state machine behind the consensus methods (the shape of ABCI 2.0), over a replica that keeps what is committed.
 * `finalizeBlock` computes and changes nothing; `commit` stores. A block that accepted nothing leaves no trace: no entry,
 * no height, the same app hash.
 */
export function createApplication(replica: Replica, options: { readonly clock: Clock }): Application {
  const verdicts = createVerdicts()
  let finalized: Finalized | undefined

  const next = (): At => {
    const { height, time } = replica.tip()
    return { height: height + 1, time: Math.max(time, options.clock.now()) }
  }

  return {
    info: () => ({ height: replica.tip().height, appHash: replica.appHash(), logSize: replica.log.size() }),

    async checkTx(wire) {
      const { check, questions } = judgeWithoutSignatures(replica.tip(), next(), wire)
      if (!check.ok) return check
      const verdictsNow = await Promise.all(questions.map(({ publicKey, message, signature }) => verdicts.learn(publicKey, message, signature)))
      return verdictsNow.every((valid) => valid) ? check : { ok: false, code: 'TX_SIGNATURE', message: 'a signature does not verify' }
    },

    prepareProposal: ({ height, time, transactions, maxBytes }) =>
      keepAccepted(replica.tip(), { height, time }, { transactions, maxBytes, verify: verdicts.verify }),

    processProposal(proposal) {
      try {
        return apply(replica.tip(), proposal, verdicts.verify).results.every(({ accepted }) => accepted)
      } catch (error) {
        if (error instanceof InvariantError) return false
        throw error
      }
    },

    finalizeBlock(proposal) {
      const result = apply(replica.tip(), proposal, verdicts.verify)
      const entries = entriesOf(proposal, result)
      finalized = entries.length === 0 ? undefined : { result, entries }
      return { ...result, appHash: entries.length === 0 ? replica.appHash() : replica.appHashAfter(entries) }
    },

    async commit() {
      if (finalized === undefined) return
      const { result, entries } = finalized
      finalized = undefined
      replica.append([{ state: result.state, entries, changed: result.results.flatMap((one) => (one.accepted ? one.changed : [])) }])
    },

    query: (height) => (height === undefined ? replica.tip() : replica.stateAt(height)),

    async [Symbol.asyncDispose]() {
      replica[Symbol.dispose]()
    },
  }
}

interface Finalized {
  readonly result: BlockResult
  readonly entries: readonly Uint8Array[]
}

interface Question {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Judges all but the signatures, and gathers the questions about them that the rules ask. */
function judgeWithoutSignatures(state: LedgerState, at: At, wire: Uint8Array): { readonly check: CheckResult; readonly questions: readonly Question[] } {
  const questions: Question[] = []
  const gather: VerifySignature = (publicKey, message, signature) => {
    questions.push({ publicKey, message, signature })
    return true
  }
  const result = judgeTransaction(state, at, wire, gather)
  return { check: result.accepted ? { ok: true } : { ok: false, code: result.code, message: result.message }, questions }
}

interface Candidates {
  readonly transactions: readonly Uint8Array[]
  readonly maxBytes: number
  readonly verify: VerifySignature
}

/** Those that the rules accept one after the other, in their order, as far as they fit. */
function keepAccepted(state: LedgerState, at: At, { transactions, maxBytes, verify }: Candidates): readonly Uint8Array[] {
  const fitting: Uint8Array[] = []
  let bytes = 0
  for (const wire of transactions) {
    if (bytes + wire.length > maxBytes) continue
    bytes += wire.length
    fitting.push(wire)
  }
  const { results } = apply(state, { ...at, transactions: fitting }, verify)
  return fitting.filter((_, i) => results[i]?.accepted === true)
}

/** What the block adds to the log; nothing when it accepted nothing. */
function entriesOf(proposal: Proposal, { state, results }: BlockResult): readonly Uint8Array[] {
  const accepted = proposal.transactions.filter((_, i) => results[i]?.accepted === true)
  if (accepted.length === 0) return []
  const { height, time } = proposal
  return [...accepted.map(encodeTransactionEntry), encodeBlockEntry({ height, time, stateRoot: state.tree.root, count: accepted.length })]
}
