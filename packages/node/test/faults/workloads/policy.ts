import { nodeFiles } from '../../../src/index.ts'
import { createCommittedPolicies } from '../../../src/relationships/committed-policies.ts'
import { openPolicyFiles } from '../../../src/relationships/policy-files.ts'
import { createPolicyVersions } from '../../../src/relationships/policy-versions.ts'
import { openUnconfirmed } from '../../../src/relationships/unconfirmed.ts'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DENY, handleFor, openFixture, openRelationship, PERMIT, signVersion } from '../../fixture.ts'
import { attempt, namesFrom, prepareFolder, type Workload } from '../workload.ts'

/** A holder that acknowledges a patient's policy, a file for each version; the largest things that are kept as files. */
export const policy: Workload = {
  async prepare({ data, scratch }) {
    await prepareFolder(data)
    mkdirSync(path.dirname(nodeFiles(data).policies), { recursive: true })
    await using fixture = await openFixture(undefined, scratch)
    await openRelationship(fixture, 'alice')
  },
  async run({ data, scratch }, from, say) {
    await using fixture = await openFixture(undefined, scratch)
    const files = openPolicyFiles(nodeFiles(data).policies)
    const versions = createPolicyVersions(fixture.context, {
      files,
      committed: createCommittedPolicies(fixture.context),
      unconfirmed: openUnconfirmed(nodeFiles(data).unconfirmed),
    })
    say({ kind: 'open', standing: { ids: [...files.all].map(({ commitment }) => commitment) } })
    for (const i of namesFrom(Math.max(0, from), 3)) {
      const accept = () => {
        const version = signVersion(handleFor('alice'), i + 1, i % 2 === 0 ? DENY : PERMIT, 'alice control')
        const { pending } = versions.accept(handleFor('alice'), version)
        if (!pending.includes(version.commitment)) throw new Error('an acknowledged version is not pending')
        return version.commitment
      }
      await attempt(say, `policy ${i}`, accept)
      // A wallet that got no acknowledgment hands the same version over again.
      await attempt(say, `policy ${i} again`, accept)
    }
  },
}
