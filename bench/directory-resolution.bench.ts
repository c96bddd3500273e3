import { encodeBase64Url, encodeUtf8, parseBytes32, parseGroupId, parseOrganizationId, sha256 } from '@fiducia/core'
import { type Attestation, BASES, npiSubject, parseFieldName, type ResolveContext, resolveField } from '@fiducia/directory'
import { median, perSecond, printTable, timed, times } from './measure.ts'

/**
 * Fields resolved from eight attestations each: members in four groups, two or three values in several spellings, imports among them. Compared
 * with the least that anything must do with the same attestations, which is to group them by value as they are written.
 */
const FIELDS = 20_000
const ATTESTATIONS = 8
const ROUNDS = 9
const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)

const SPELLINGS = {
  phone: ['401-555-0101', '(401) 555-0101', '4015550101', '401-555-0102'],
  line: ['100 North Main Street, Suite 5', '100 N MAIN ST STE 5', '100 N. Main St. #5', '200 South Main Street'],
  name: ['The Rowan Clinic, Inc.', 'ROWAN CLINIC', 'Rowan Clinic, P.C.', 'Birch & Cedar LLC'],
} as const

/** The same every time: what differs between fields is a function of their number. */
function attestationsOf(name: keyof typeof SPELLINGS, number: number): readonly Attestation[] {
  const subject = npiSubject('organization', '2000000002')
  const field = parseFieldName('organization', name)
  return Array.from({ length: ATTESTATIONS }, (_, i) => {
    const digest = sha256(encodeUtf8(`${name} ${number} ${i}`))
    const [spelling = 0, basis = 0, days = 0] = digest
    const observedAt = NOW - (days % 120) * DAY
    return {
      subject,
      field,
      operation: i === ATTESTATIONS - 1 ? 'deny' : 'assert',
      value: SPELLINGS[name][spelling % 4] ?? '',
      observedAt,
      basis: BASES[basis % BASES.length] ?? 'import',
      origin: basis % 3 === 0 ? 'nppes' : 'own',
      attester: parseOrganizationId(`member-${i}`),
      group: parseGroupId(`group-${i % 4}`),
      recordedAt: observedAt,
      height: number,
      position: i,
      tag: parseBytes32(encodeBase64Url(digest)),
    }
  })
}

const context: ResolveContext = { time: NOW, reliability: () => 500 }

async function compare(name: keyof typeof SPELLINGS): Promise<readonly [ours: number, grouped: number]> {
  const fields = Array.from({ length: FIELDS }, (_, number) => attestationsOf(name, number))
  let kept = 0
  const works = {
    ours: () => fields.forEach((said) => (kept += resolveField(said, context)?.attesters.length ?? 0)),
    grouped: () => fields.forEach((said) => (kept += Map.groupBy(said, ({ value }) => value).size)),
  }
  const samples: Record<keyof typeof works, number[]> = { ours: [], grouped: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const work of ['ours', 'grouped'] as const) samples[work].push(await timed(works[work]))
  }
  if (kept === 0) throw new Error('nothing was resolved')
  return [median(samples.ours), median(samples.grouped)]
}

const figures = []
for (const name of ['phone', 'line', 'name'] as const) {
  const [ours, grouped] = await compare(name)
  figures.push({
    what: `fields resolved, \`${name}\``,
    measured: perSecond(FIELDS, ours),
    goal: '>= 20,000/s',
    comparedWith: `grouped as they are written, ${perSecond(FIELDS, grouped)}: ${times(ours, grouped)} the time`,
  })
}
printTable(`directory: ${FIELDS} fields with ${ATTESTATIONS} attestations each`, figures)
