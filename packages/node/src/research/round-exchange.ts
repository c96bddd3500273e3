import type { OrganizationId } from '@fiducia/core'
import { type CoordinatorEvent, type CoordinatorOutput, type CoordinatorState, parseSiteMessage } from '@fiducia/research'
import { type Reply, StudyRefused } from './study-port.ts'

export type Send = Extract<CoordinatorOutput, { readonly type: 'send' }>
export type RecordOutput = Extract<CoordinatorOutput, { readonly type: 'record' }>

type Advance = (event: CoordinatorEvent, state: CoordinatorState) => { readonly state: CoordinatorState; readonly outputs: readonly CoordinatorOutput[] }

/** The messages of one masked sum, between the coordinator's state machine and sites that answer requests. */
export class RoundExchange {
  readonly #advance: Advance
  state: CoordinatorState
  readonly wires: Uint8Array[] = []
  /** The cosigned checkpoint, once survivors are recorded. */
  note: string | undefined
  #outputs: CoordinatorOutput[] = []

  constructor(state: CoordinatorState, advance: Advance) {
    this.state = state
    this.#advance = advance
  }

  left(org: OrganizationId): void {
    this.#take({ type: 'left', org })
  }

  takeAll(replies: readonly Reply[]): void {
    for (const { org, reply } of replies) {
      if (reply === undefined) this.left(org)
      if (reply?.type !== 'message') continue
      if (reply.wire !== undefined) this.wires.push(reply.wire)
      this.#take({ type: 'message', from: org, message: parseSiteMessage(this.state.round, reply.message) })
    }
  }

  recorded(note: string): void {
    this.note = note
    this.#take({ type: 'recorded' })
  }

  #take(event: CoordinatorEvent): void {
    const { state, outputs } = this.#advance(event, this.state)
    this.state = state
    this.#outputs.push(...outputs)
    if (state.phase === 'aborted') throw new StudyRefused('STUDY_ABORTED', state.reason ?? 'the round was given up')
  }

  /** What is to be done next; each once. */
  outputs(): { readonly record: RecordOutput | undefined; readonly sends: readonly Send[] } {
    const outputs = this.#outputs
    this.#outputs = []
    return { record: outputs.find((output) => output.type === 'record'), sends: outputs.filter((output) => output.type === 'send') }
  }
}
