import { decodeUtf8 } from '@fiducia/core'
import { verifyCosigned } from '../cosigned.ts'
import { parseTlogProof, verifyTlogInclusion } from '../tlog-proof.ts'
import type { BundleFiles, Verification } from '../types.ts'
import { createChecklist, demand, passed, textFact } from './checklist.ts'
import { judgeTrust, type TrustInput } from './trust.ts'

const NO_FILES: BundleFiles = new Map()

/** What a reader says who was given a proof and no entry (`FILE_MISSING`). */
export const ENTRY_MISSING = 'expected NAME.tlog-proof together with the bytes of its entry, NAME.leaf; found no entry'

/** One `.tlog-proof` by itself, with the bytes of its entry. Never throws, whatever the bytes; more signature lines than a quorum are fine here. */
export function verifyTlogProofFile(proofBytes: Uint8Array, entry: Uint8Array | undefined, trust: TrustInput | undefined): Verification {
  const list = createChecklist()
  const trusted = judgeTrust(list, NO_FILES, trust)
  const found = list.run('entry', () => {
    const proof = parseTlogProof(decodeUtf8(proofBytes))
    demand(entry !== undefined, 'the bytes of the entry are needed beside its proof')
    const checkpoint = verifyTlogInclusion(proof, entry ?? new Uint8Array())
    list.note('origin', checkpoint.origin)
    list.note('index', proof.index)
    list.note('size', checkpoint.size)
    return passed({ proof, checkpoint }, `entry ${proof.index} of ${checkpoint.size} in \`${checkpoint.origin}\``)
  })
  if (found !== undefined && trusted !== undefined) {
    const policy = trusted.policyAt()
    list.run(policy.quorum === 0 ? 'unwitnessed' : 'cosigned', () => {
      const cosigned = verifyCosigned(found.proof.note, policy, { origin: found.checkpoint.origin })
      return passed(cosigned, cosigned.unwitnessed ? 'signed by the log alone' : `by ${cosigned.cosignatures.map(({ group }) => group).join(', ')}`)
    })
  }
  const valid = list.checks.length === 3 && list.checks.every(({ ok }) => ok)
  return {
    valid,
    kind: 'tlog-proof',
    checks: list.checks,
    proves: valid ? [`These bytes are entry ${textFact(list.facts, 'index')} of log \`${textFact(list.facts, 'origin')}\`.`] : [],
    doesNotProve: ['what the bytes mean, or that they are true', 'that the witnesses named by the trust file still serve'],
    facts: list.facts,
  }
}
