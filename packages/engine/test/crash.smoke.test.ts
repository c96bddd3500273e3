import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { relationship } from '@fiducia/ledger'
import { expect, it } from 'vitest'
import { fsckLedger, openEmbeddedEngine } from '../src/index.ts'
import { genesisBytes, patient, signers, START, TestClock } from './network.ts'

/** What was acknowledged before a process is killed is there afterwards, and what is there fits together. */
it.each([1, 2, 3])('keeps every acknowledged transaction when the process is killed (run %i)', async (run) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'fiducia-crash-'))
  const program = path.join(dir, 'load.ts')
  const imports = (file: string) => JSON.stringify(path.join(import.meta.dirname, file))
  writeFileSync(
    program,
    `import { openEmbeddedEngine } from ${imports('../src/index.ts')}
     import { genesisBytes, patient, signers, START, TestClock } from ${imports('network.ts')}
     const engine = await openEmbeddedEngine({ dir: ${JSON.stringify(path.join(dir, 'ledger'))}, genesis: genesisBytes(), signers, clock: new TestClock(), groupCommitMs: 2 })
     for (let i = 0; ; i += 8) {
       await Promise.all(Array.from({ length: 8 }, async (_, j) => {
         const { result } = await engine.submit(patient('crash' + (i + j)).open(START))
         if (result.accepted) process.stdout.write((i + j) + '\\n')
       }))
       await engine.checkpoint()
     }`,
  )
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString()
      if (printed.split('\n').length > 60 * run) child.kill('SIGKILL')
    })
    child.on('close', () => resolve())
  })
  const acknowledged = printed.split('\n').slice(0, -1)
  expect(acknowledged.length).toBeGreaterThanOrEqual(60 * run)
  expect((await fsckLedger(path.join(dir, 'ledger'))).findings).toEqual([])
  await using engine = await openEmbeddedEngine({ dir: path.join(dir, 'ledger'), genesis: genesisBytes(), signers, clock: new TestClock() })
  for (const i of acknowledged) expect(relationship(engine.tip(), patient(`crash${i}`).handle)?.status, i).toBe('open')
  expect((await engine.submit(patient('after').open(START))).result.accepted).toBe(true)
  rmSync(dir, { recursive: true })
})
