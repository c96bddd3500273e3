import { openRelationship, createWallet, proveLeftOut } from '@fiducia/client'
import { ed25519PublicKey, encodeBase64Url, encodeUtf8, type Handle, type OrganizationId, parseBytes32 } from '@fiducia/core'
import { assembleTransaction, member, openDisputes, signTransactionPartBy } from '@fiducia/ledger'
import { heldNotes, NodeFailure, type Received } from '@fiducia/node'
import { auditNetwork, type BundleFiles } from '@fiducia/proofs'
import { BIRCH, nameOf } from '../network/plan.ts'
import type { Rule } from './interception.ts'
import { whileLying } from './liar.ts'
import { expectStory, type Narrator } from './narrator.ts'
import { getFrom, type Stage } from './stage.ts'

/** Step 8: five cheats, each tried for real against the running network, and what catches it. */

const OBSERVATIONS = { kind: 'search', type: 'Observation', parameters: [] } as const

export async function tellCheats(stage: Stage, narrator: Narrator): Promise<void> {
  await narrator.tell('cheat-junk-tag', () => logUnderAnotherTag(stage))
  await narrator.tell('cheat-second-relationship', () => inventRelationship(stage))
  await narrator.tell('cheat-forked-log', () => forkAfterReceipt(stage))
  await narrator.tell('cheat-dropped-revocation', () => dropRevocation(stage))
  await narrator.tell('cheat-changed-byte', () => changeOneByte(stage))
}

/** A holder other than the one that the patient has shut: the nth after the first, or the last there is. */
function holder(stage: Stage, nth: number): OrganizationId {
  const holding = stage.cast.holders[Math.min(nth, stage.cast.holders.length - 1)]
  expectStory(holding !== undefined, 'some organization should hold the patient’s record')
  return holding.org
}

/** The error that some work ends with; a story in which it ends well has failed. */
async function refusalOf(work: () => Promise<unknown>): Promise<NodeFailure> {
  try {
    await work()
  } catch (error) {
    if (error instanceof NodeFailure) return error
    throw error
  }
  throw new Error('the cheat was not noticed')
}

/** Refused by the holder, or its answer refused by the requester because the head it proves is too old. */
async function isDenied(work: () => Promise<Received>): Promise<boolean> {
  return work().then(
    ({ status }) => status === 403,
    (error: unknown) => error instanceof NodeFailure && error.code === 'RECEIPT_REFUSED',
  )
}

async function logUnderAnotherTag(stage: Stage) {
  const { patient, clinician } = stage
  const liar = holder(stage, 1)
  const answer = await whileLying(stage, liar, { log: 'public' }, () => clinician.ask(liar, OBSERVATIONS))
  expectStory(answer.status === 200, 'the lie should get past the requester, who cannot know the patient’s tags')
  await stage.publish()
  const { log } = await patient.checkEverything(liar, [clinician.opening.code])
  const caught = log.findings.filter(({ code }) => code === 'RECEIPT_UNLISTED')
  expectStory(
    caught.length === 1 && log.findings.length === 1,
    `the patient should find exactly one receipt that the list lacks, found ${log.findings.map(({ code }) => code).join(', ')}`,
  )
  const list = await patient.completenessBundle(liar)
  const proof = stage.keepProof('11-hidden-access', await proveLeftOut(list, caught[0]?.receipt ?? '', getFrom(stage, liar)))
  return {
    detail: `Cheat 1: ${nameOf(liar)} logs a release under a tag that is not the patient's. Caught: ${nameOf(BIRCH.org)} kept the receipt for the patient, and it is missing from the list that was proved complete. Both together are proof of fraud, for people who believe neither side.`,
    proof,
  }
}

async function inventRelationship(stage: Stage) {
  const { clinician } = stage
  const liar = holder(stage, 1)
  const handle = await openInvented(stage, liar)
  const refusal = await refusalOf(() => whileLying(stage, liar, { handle, log: 'public' }, () => clinician.ask(liar, OBSERVATIONS)))
  expectStory(refusal.code === 'RECEIPT_REFUSED', `the requester should refuse the receipt, found ${refusal.code}`)
  return {
    detail: `Cheat 2: ${nameOf(liar)} invents a second relationship for the same record and logs the release there, where the patient never looks. Caught: the receipt names another handle than the patient's link, so ${nameOf(BIRCH.org)} does not use the data.`,
    proof: stage.keepProof('12-invented-relationship', stage.network.node(liar).services.evidence.consentState(handle)),
  }
}

/** The holder plays the patient: a relationship with a control key of its own. The ledger cannot tell. */
async function openInvented(stage: Stage, org: OrganizationId): Promise<Handle> {
  const { network, random, clock } = stage
  const ports = { now: () => clock.now(), random }
  const recovery = { m: 1, publicKeys: [ed25519PublicKey(random(32))] }
  const opening = openRelationship(createWallet(network.genesis.net, random(32)), { org, bind: parseBytes32(encodeBase64Url(random(32))), recovery }, ports)
  const { context } = network.node(org).services
  const { result } = await context.submit(
    assembleTransaction(opening.payload, [await signTransactionPartBy(opening.payload, context.keys.node), opening.controlSignature]),
  )
  expectStory(result.accepted, 'the ledger should take the invented relationship: both keys signed it')
  await network.settle()
  return opening.handle
}

async function forkAfterReceipt(stage: Stage) {
  const { network, clinician } = stage
  const liar = holder(stage, 2)
  await whileLying(stage, liar, { log: 'private' }, () => clinician.ask(liar, OBSERVATIONS))
  // The public log goes on without that leaf.
  await clinician.ask(liar, OBSERVATIONS)
  await stage.publish()
  const contradictions = await network.node(BIRCH.org).services.disputes.run()
  expectStory(contradictions.length === 1, `Birch should find one contradiction, found ${contradictions.length}`)
  await network.settle()
  const filed = openDisputes(network.node(BIRCH.org).services.context.ledger.tip())
  expectStory(
    filed.some(({ origin, by }) => origin === contradictions[0]?.origin && by === BIRCH.org),
    'the dispute should stand on the ledger',
  )
  const report = await auditNetwork({
    genesis: network.genesisBytes,
    now: stage.clock.now(),
    member: (org) => getFrom(stage, org),
    notes: heldNotes(network.node(BIRCH.org).services.context.database),
  })
  const fork = report.findings.find(({ code }) => code === 'LOG_FORK')
  expectStory(fork?.proof !== undefined, `an audit should prove the fork, found ${report.findings.map(({ code }) => code).join(', ')}`)
  return {
    detail: `Cheat 3: ${nameOf(liar)} shows ${nameOf(BIRCH.org)} a log with the release and everybody else one without. Caught: the public log does not extend the receipt's note; ${nameOf(BIRCH.org)} files a dispute that nobody can answer, and its audit proves the fork with two notes of one key.`,
    proof: stage.keepProof('13-forked-log', fork.proof),
  }
}

/** Longer than a passed-on transaction may wait, and than cosignatures stay fresh. */
const DROPPED_FOR_MS = 62_000

async function dropRevocation(stage: Stage) {
  const { network, patient, clinician, clock } = stage
  const asked = holder(stage, 2)
  const revokedAt = holder(stage, 1)
  const operator = network.genesis.operator
  const operatorUrl = member(network.node(operator).services.context.ledger.tip(), operator)?.endpoint ?? ''
  const drop: Rule = async (_from, url) =>
    url === `${operatorUrl}/ledger/transactions`
      ? { status: 200, bytes: encodeUtf8('{"height":0,"accepted":false,"code":"BUSY","message":"later"}') }
      : undefined
  // A wallet hands a transaction to N - q + 1 groups other than the operator's: here two.
  const via = [...network.nodes.keys()].filter((org) => org !== operator).slice(0, 2)
  const { wire } = await stage.interception.during(drop, async () => {
    const set = await patient.setPolicy(revokedAt, { v: 1, grants: [{ effect: 'deny' }] }, via)
    expectStory(!(await set.committed), 'the operator should have dropped the revocation')
    clock.advance(DROPPED_FOR_MS)
    await network.settle()
    expectStory(await isDenied(() => clinician.ask(asked, OBSERVATIONS)), 'without fresh cosignatures nothing should be released')
    return set
  })
  await network.node(revokedAt).services.context.submit(wire)
  await network.settle()
  const again = await clinician.ask(asked, OBSERVATIONS)
  expectStory(again.status === 200, `when the operator behaves, the network should go on, found status ${again.status}`)
  return {
    detail: `Cheat 4: ${nameOf(operator)}, which orders the ledger, drops a revocation. Caught: the members it was handed to refuse to cosign, the checkpoint grows old, and every node denies, until the revocation is included.`,
    proof: stage.keepProof('14-revocation-included', await patient.headBundle(revokedAt)),
  }
}

async function changeOneByte(stage: Stage) {
  const { patient } = stage
  const bundle = await patient.accessBundle(holder(stage, 0), 1)
  expectStory(stage.verify(bundle).valid, 'the unchanged proof should verify')
  let tried = 0
  for (const [name, bytes] of bundle) {
    for (const at of new Set([0, Math.floor(bytes.length / 2), bytes.length - 1])) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const files: BundleFiles = new Map([...bundle, [name, changed]])
      expectStory(!stage.verify(files).valid, `a proof with a changed byte in ${name} should be refused`)
      tried += 1
    }
  }
  return {
    detail: `Cheat 5: one bit of a proof is changed, in ${tried} places of ${bundle.size} files, one after the other. Caught: every changed proof is refused.`,
    proof: 'proofs/05-released',
  }
}
