import type { NetworkId, NoteSignature, OrganizationId } from '@fiducia/core'
import type { ResearchErrorCode, SiteFigures, StudyTold } from '@fiducia/research'
import type { MemberKeys, StudyBlock } from './study-ledger.ts'

/** What whoever coordinates a simulated study asks of a site's process, and what comes back. The masked protocol's own messages are bytes inside. */
export type SiteRequest =
  | { readonly type: 'open'; readonly org: OrganizationId; readonly net: NetworkId; readonly spec: string; readonly file: string; readonly policy?: string }
  | { readonly type: 'genesis'; readonly genesis: Uint8Array }
  | { readonly type: 'block'; readonly block: StudyBlock }
  | { readonly type: 'vote'; readonly time: number }
  | { readonly type: 'round'; readonly run: number; readonly round: number; readonly time: number }
  /** Of the coordinator in the masked protocol; with the cosigned checkpoint where the ledger is to be looked at. */
  | { readonly type: 'message'; readonly message: Uint8Array; readonly note?: string; readonly time: number }
  | { readonly type: 'sum'; readonly sum: Float64Array }
  | { readonly type: 'cosign'; readonly checkpoint: string; readonly seconds: number }
  | { readonly type: 'figures' }
  /** What every site told of itself: from this and its own answer each knows what the run is closed with. */
  | { readonly type: 'told'; readonly told: StudyTold }

export type SiteReply =
  | { readonly type: 'keys'; readonly keys: MemberKeys }
  | { readonly type: 'done' }
  | { readonly type: 'transaction'; readonly wire: Uint8Array }
  /** Of the site in the masked protocol; with a transaction where it is to be committed to. */
  | { readonly type: 'message'; readonly message: Uint8Array; readonly wire?: Uint8Array }
  /** Somebody of the cohort has withdrawn: the site's `run.abort`. */
  | { readonly type: 'withdrawn'; readonly wire: Uint8Array }
  | { readonly type: 'cosigned'; readonly signature: NoteSignature }
  | { readonly type: 'figures'; readonly figures: SiteFigures }
  | { readonly type: 'failed'; readonly code: ResearchErrorCode | 'SITE_FAILED'; readonly message: string }
