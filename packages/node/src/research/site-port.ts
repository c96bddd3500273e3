import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import type { OrganizationId } from '@fiducia/core'
import type { StudyPort } from './study-port.ts'
import type { SiteReply, SiteRequest } from './study-messages.ts'

/** Starts a process for one site. It ends when it is disposed of, or when who started it is gone. */
export function openSiteProcess(org: OrganizationId): StudyPort & Disposable {
  const child = fork(path.join(import.meta.dirname, 'site-process.ts'), [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let last: Promise<unknown> = Promise.resolve()
  return {
    org,
    // One after another: a site answers in the order in which it was asked.
    ask(request) {
      const reply = last.then(() => askChild(child, org, request))
      last = reply.catch(() => undefined)
      return reply
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}

function askChild(child: ChildProcess, org: OrganizationId, request: SiteRequest): Promise<SiteReply> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error(`the process of site \`${org}\` has ended`))
    if (child.exitCode !== null || child.signalCode !== null) return gone()
    child.once('exit', gone)
    child.once('message', (reply: SiteReply) => {
      child.off('exit', gone)
      resolve(reply)
    })
    child.send(request)
  })
}
