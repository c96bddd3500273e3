import { encodeBase64Url, InputError, ledgerOrigin, parseCanonicalString, parseCheckpoint, parseNote, parseStateProof, shape } from '@fiducia/core'
import { type Genesis, genesisTrust, members, parseTrust, trust, type TrustRecord } from '@fiducia/ledger'
import { bundleOf, formatRecord, formatTlogProof, selectCosignatures, trustFiles, trustIn, trustPolicyOf, type TrustStep } from '@fiducia/proofs'
import type { NodeContext } from '../node-context.ts'
import { fetchText } from '../peers/transport.ts'
import { integerColumn, textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * How trust was handed on since the genesis (PROTOCOL section 2, Trust): each later trust record with the proof that it stood on
 * the ledger under a checkpoint that the quorum of the record before cosigned. Such a checkpoint is at hand for a short while
 * only, as a retired witness cosigns no more; so a step is kept as soon as it can be proved, and a member that missed it asks
 * the others. Bundles carry the chain, so that the genesis alone is enough to trust them.
 */
export interface TrustChain {
  /** From record 1 on; empty while nothing has changed, and where a later step is not proved so far it ends before it. */
  readonly steps: readonly TrustStep[]
  /** Proves what is not proved so far, with the cosignatures of this note or from other members. */
  advance(note: string): Promise<void>
}

/** A step as it is kept and served: the record, and the proof of every record but the first. */
const parseProven = shape.object({ state: parseStateProof, block: shape.text(100), proof: shape.text(20_000) })
const parseStep: shape.Parser<Required<TrustStep>> = shape.object({ record: parseTrust, proven: parseProven })
const parseServed = shape.object({ steps: shape.array(parseStep, 10_000) })

/** `imported`: the steps that came with an export from which this node's ledger was made. */
export function createTrustChain(context: NodeContext, genesis: Genesis, imported: readonly TrustStep[]): TrustChain {
  const { database, ledger, net } = context
  const first: TrustStep = { record: genesisTrust(genesis) }
  const later: TrustStep[] = [...keptSteps(database)]

  /** Kept when it follows from what is there. Throws an `InputError` when it does not. */
  function keep(step: TrustStep): void {
    trustIn(bundleOf(...trustFiles([first, ...later, step])), trustPolicyOf(first.record, net))
    database.run('INSERT INTO trust_step (k, step) VALUES (?, ?) ON CONFLICT DO NOTHING', step.record.k, formatRecord(step))
    later.push(step)
  }

  const newest = (): TrustRecord => later.at(-1)?.record ?? first.record
  for (const step of imported.filter(({ record }) => record.k > newest().k)) keep(step)

  /** The next step under this note; undefined when the note does not cover it. */
  function prove(note: string): TrustStep | undefined {
    const height = ledger.heightsOf('trust')[newest().k]
    const state = height === undefined ? undefined : ledger.stateAt(height)
    if (height === undefined || state === undefined) return undefined
    const block = ledger.block(height)
    const strict = selectCosignatures(note, trustPolicyOf(newest(), net), { origin: ledgerOrigin(net) })
    const { size } = parseCheckpoint(parseNote(strict).text)
    if (size <= block.index) return undefined
    const proof = formatTlogProof({ extra: undefined, index: block.index, path: ledger.log.inclusion(block.index, size), note: strict })
    return { record: trust(state), proven: { state: state.tree.prove('trust'), block: encodeBase64Url(block.entry), proof } }
  }

  /** What another member has proved; a member that lies or is silent is passed over. */
  async function takeFromOthers(): Promise<void> {
    for (const { org, endpoint } of members(ledger.tip())) {
      if (org === context.org || newest().k === trust(ledger.tip()).k) continue
      try {
        const steps = readSteps(await fetchText(context.transport, `${endpoint}/ledger/trust`))
        for (const step of steps.filter(({ record }) => record.k > newest().k)) keep(step)
      } catch {
        // The next one is asked.
      }
    }
  }

  return {
    get steps() {
      return later.length === 0 ? [] : [first, ...later]
    },
    async advance(note) {
      try {
        while (newest().k < trust(ledger.tip()).k) {
          const step = prove(note)
          if (step === undefined) break
          keep(step)
        }
      } catch (error) {
        // The witnesses of the record before did not cosign this note: somebody else may have one that they did.
        if (!(error instanceof InputError)) throw error
      }
      if (newest().k < trust(ledger.tip()).k) await takeFromOthers()
    },
  }
}

/** The steps after the first that a node's store has, without a gap. */
export const keptSteps = (database: Pick<Database, 'all'>): readonly TrustStep[] =>
  database
    .all('SELECT k, step FROM trust_step ORDER BY k')
    .filter((row, i) => integerColumn(row, 'k') === i + 2)
    .map((row) => parseStep(parseCanonicalString(textColumn(row, 'step')), 'step'))

/** What `GET /ledger/trust` answered. Throws an `InputError` or a `SyntaxError` for anything else. */
export const readSteps = (text: string): readonly Required<TrustStep>[] => parseServed(JSON.parse(text), '').steps

/** The steps after the first as `GET /ledger/trust` serves them. */
export const servedSteps = ({ steps }: TrustChain) => steps.filter((step): step is Required<TrustStep> => step.proven !== undefined)
