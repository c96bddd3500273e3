import type { OrganizationId } from '@fiducia/core'
import type { ResearchErrorCode } from '@fiducia/research'
import type { SiteReply, SiteRequest } from './study-messages.ts'

/** A site as who runs the study reaches it. */
export interface StudyPort {
  readonly org: OrganizationId
  /** Throws when the site is gone. */
  ask(request: SiteRequest): Promise<SiteReply>
}

export interface Reply {
  readonly org: OrganizationId
  /** Undefined: the site is gone. */
  readonly reply: SiteReply | undefined
}

export type RefusalCode = ResearchErrorCode | 'SITE_FAILED'

/** A site, or what all sites gave together, does not allow the study. */
export class StudyRefused extends Error {
  readonly code: RefusalCode
  readonly site: OrganizationId | undefined

  constructor(code: RefusalCode, message: string, site?: OrganizationId) {
    super(site === undefined ? message : `${site}: ${message}`)
    this.name = 'StudyRefused'
    this.code = code
    this.site = site
  }
}

/** Throws `StudyRefused` for what a site refuses. */
export async function replyOf(site: StudyPort, request: SiteRequest): Promise<Reply> {
  const reply = await site.ask(request).catch(() => undefined)
  if (reply?.type === 'failed') throw new StudyRefused(reply.code, reply.message, site.org)
  return { org: site.org, reply }
}
