import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ed25519PublicKey, encodeBase64Url, encodeUtf8, parseGroupId, parseNetworkId, parseOrganizationId, sha256 } from '@fiducia/core'
import { encodeGenesis } from '@fiducia/ledger'
import { expect, it, vi } from 'vitest'
import { silentLogger } from '../logger.ts'
import { openDatabase } from '../store/database.ts'
import { createAuditJob } from './audit.ts'

const key = (role: 'node' | 'witness' | 'ledger') => ({ role, alg: 'ed25519' as const, pub: encodeBase64Url(ed25519PublicKey(sha256(encodeUtf8(role)))) })
const alpha = parseOrganizationId('alpha')
const genesis = encodeGenesis({
  v: 1,
  net: parseNetworkId('test'),
  time: 0,
  operator: alpha,
  members: { [alpha]: { name: 'Alpha', group: parseGroupId('group-a'), endpoint: 'http://alpha.test', keys: [key('node'), key('witness'), key('ledger')] } },
  rules: { default: 'deny', freshSeconds: 60 },
})

it('audits when the last report is old enough, keeps the report, and says in the log what was found', async () => {
  const out = path.join(mkdtempSync(path.join(tmpdir(), 'fiducia-audit-')), 'audit')
  using database = openDatabase(path.join(out, '..', 'node.sqlite'))
  let now = 1_800_000_000_000
  const error = vi.fn()
  const transport = vi.fn(async () => ({ status: 503, bytes: new Uint8Array() }))
  const logger = Object.assign(Object.create(silentLogger), { error })
  const run = (everyHours: number) => createAuditJob({ clock: { now: () => now }, transport, database, logger }, { genesis, out, everyHours }).run()
  const reported = () => (JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8')) as { at: number }).at

  await run(0)
  expect(existsSync(out)).toBe(false)
  await run(24)
  expect(reported()).toBe(now)
  expect(error.mock.calls.map(([{ code }]) => code)).toEqual(['MEMBER_SILENT', 'LEDGER_WITHHELD'])
  const asked = transport.mock.calls.length
  now += 23 * 3_600_000
  await run(24)
  expect(transport.mock.calls.length).toBe(asked)
  now += 3_600_000
  await run(24)
  expect(reported()).toBe(now)
  // A report that cannot be read is no reason to wait.
  writeFileSync(path.join(out, 'report.json'), '{')
  await run(24)
  expect(reported()).toBe(now)
  rmSync(path.dirname(out), { recursive: true })
})
