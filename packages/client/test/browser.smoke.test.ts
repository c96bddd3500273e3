import path from 'node:path'
import { build } from 'vite'
import { describe, expect, it } from 'vitest'

/** The wallet and the verifier run in a browser: bundled with browser conditions they need nothing of Node, and give the same answers. */
describe('the browser bundle', () => {
  it('imports nothing, and derives the same keys as here', async () => {
    const entry = path.resolve(import.meta.dirname, '../src/index.ts')
    const result = await build({
      configFile: false,
      logLevel: 'silent',
      build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'client' } },
    })
    const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []))
    const [chunk] = outputs.filter((one) => one.type === 'chunk')
    if (chunk === undefined) throw new Error('a chunk expected')
    expect(outputs.filter((one) => one.type === 'chunk')).toHaveLength(1)
    expect([...chunk.imports, ...chunk.dynamicImports]).toEqual([])
    expect(chunk.code).not.toMatch(/from\s*["']node:/)
    const browser = (await import(`data:text/javascript;base64,${Buffer.from(chunk.code).toString('base64')}`)) as typeof import('../src/index.ts')
    const here = await import('../src/index.ts')
    const { openWith, emptyWallet, openLedger, ports, bytes } = await import('./clinic.ts')
    const { wallet } = openWith(openLedger().desk, emptyWallet(), ports())
    const [relationship] = wallet.relationships
    if (relationship === undefined) throw new Error('a relationship expected')
    expect(browser.keysOf(wallet, relationship)).toEqual(here.keysOf(wallet, relationship))
    expect(browser.createWallet(wallet.net, bytes('seed'))).toEqual(here.createWallet(wallet.net, bytes('seed')))
  })
})
