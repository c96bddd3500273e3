import { type OrganizationId, parseOrganizationId } from '@fiducia/core'
import { type Program, ResearchError, startProgram, type StudyAnswer, type StudySpec } from '@fiducia/research'
import { Desk, type StudyOptions, type StudyRun } from './study-desk.ts'
import { COORDINATOR, type MemberKeys, StudyLedger, studyGenesis } from './study-ledger.ts'
import { replyOf, StudyRefused } from './study-port.ts'

/**
 * A whole study over sites that answer requests: approval on the ledger, then rounds of masked sums until the method has its answer, then the bundle. Who
 * runs it sees masked vectors and sums of all sites; it orders the ledger, and every site replays and cosigns it.
 *
 *   open → genesis → propose, vote → run → (begin → keys → shares → masked → survivors, cosigned → unmask → sum)* → close | abort → bundle
 *
 * Throws `StudyRefused` where the run never began; what ends it later is recorded, and shown by a bundle.
 */
export async function runStudy(options: StudyOptions): Promise<StudyRun> {
  const desk = await openDesk(options)
  await desk.approve()
  try {
    return await desk.close(await answerOf(desk, options.spec))
  } catch (error) {
    if (!(error instanceof StudyRefused)) throw error
    return await desk.abort(error)
  }
}

async function answerOf(desk: Desk, spec: StudySpec): Promise<StudyAnswer> {
  let program: Program = startProgram(spec)
  for (;;) {
    const sum = await desk.sumOf(program)
    const next = advance(program, sum)
    await desk.askAll({ type: 'sum', sum })
    if ('finished' in next) return next.finished
    program = next
  }
}

function advance(program: Program, sum: Float64Array): ReturnType<Program['next']> {
  try {
    return program.next(sum)
  } catch (error) {
    throw error instanceof ResearchError ? new StudyRefused(error.code, error.message) : error
  }
}

/** Everything that is wrong with the spec, a file or a policy is told here, before anything is proposed. */
async function openDesk(options: StudyOptions): Promise<Desk> {
  const { net, sites, now, random, specText } = options
  const keys = new Map<OrganizationId, MemberKeys>()
  const open = ({ org, file, policy }: StudyOptions['sites'][number]) =>
    ({ type: 'open', org, net, spec: specText, file, ...(policy === undefined ? {} : { policy }) }) as const
  for (const { org, reply } of await Promise.all(sites.map((site) => replyOf(site, open(site))))) {
    if (reply?.type !== 'keys') throw new StudyRefused('SITE_FAILED', 'the process of the site has ended', org)
    keys.set(org, reply.keys)
  }
  const own = { org: parseOrganizationId(COORDINATOR), node: random(32), witness: random(32), ledger: random(32) }
  const genesis = studyGenesis(net, now(), keys, own)
  const desk = new Desk(options, own, new StudyLedger(genesis))
  await desk.askAll({ type: 'genesis', genesis })
  return desk
}
