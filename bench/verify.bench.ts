import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { type BundleFiles, toBundle, verifyBundle } from '@fiducia/proofs'
import { ed25519PublicKey, sign, verifySignature } from '@fiducia/core'
import { runStory } from '@fiducia/testkit'
import { openPage } from '../packages/web/test/browser.ts'
import { benchFolder, median, milliseconds, printTable, timed, times } from './measure.ts'

/**
 * Milliseconds to verify each bundle of the story, in Node and in `verify.html` in Chromium with the network off: the first
 * time after the page was opened, and the median of many. Compared with the Ed25519 verifications that the same bundles
 * contain, done by themselves on the same platform.
 */
const ROUNDS = 41
const SIGNATURES = 100

interface Story {
  readonly bundles: readonly BundleFiles[]
  readonly trust: string
}

function readStory(dir: string): Story {
  const proofs = path.join(dir, 'proofs')
  const bundles = readdirSync(proofs).map((name) => readBundle(path.join(proofs, name)))
  return { bundles, trust: readFileSync(path.join(dir, 'trust.policy'), 'utf8') }
}

function readBundle(folder: string): BundleFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return toBundle(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(folder, file), new Uint8Array(readFileSync(file))] as const
    }),
  )
}

/** The log's signature and three cosignatures under each proof. */
const signaturesIn = (files: BundleFiles): number => [...files.keys()].filter((name) => name.endsWith('.tlog-proof')).length * 4

async function inNode({ bundles, trust }: Story): Promise<readonly number[]> {
  const samples: number[][] = bundles.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, files] of bundles.entries()) {
      samples[i]?.push(
        await timed(() => {
          if (!verifyBundle(files, trust).valid) throw new Error('expected a valid bundle')
        }),
      )
    }
  }
  return samples.map(median)
}

async function signatureInNode(): Promise<number> {
  const seed = new Uint8Array(32).fill(7)
  const message = new Uint8Array(120)
  const [key, signature] = [ed25519PublicKey(seed), sign(seed, message)]
  const samples: number[] = []
  for (let i = 0; i < SIGNATURES; i += 1) samples.push(await timed(() => verifySignature(key, message, signature)))
  return median(samples)
}

interface InBrowser {
  /** Milliseconds until the page could be used. */
  readonly open: number
  /** The first verification of all, with the page just opened. */
  readonly first: number
  readonly medians: readonly number[]
}

/** The page's clock ticks in tenths of a millisecond, so each sample is of several verifications. */
const CALLS = 5

async function inBrowser({ bundles, trust }: Story): Promise<InBrowser> {
  await using opened = await openPage()
  const { page } = opened
  const open = await timed(async () => {
    await page.reload()
    await page.locator('#trust').waitFor()
  })
  const sent = bundles.map((files) => [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const))
  const samples = await page.evaluate(
    ({ all, trustText, rounds, calls }) => {
      const { verifyWithFiducia } = globalThis as unknown as { verifyWithFiducia: (chosen: unknown, trust: unknown) => string }
      const bytesOf = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
      const policy = { name: 'trust.policy', bytes: new TextEncoder().encode(trustText) }
      const chosen = all.map((files) => ({ from: 'folder', name: 'bundle', files: files.map(([name, text]) => ({ name, bytes: bytesOf(text) })) }))
      const time = (one: unknown, count: number) => {
        const start = performance.now()
        for (let i = 0; i < count; i += 1) if (!verifyWithFiducia(one, policy).startsWith('{"valid":true')) throw new Error('expected a valid bundle')
        return (performance.now() - start) / count
      }
      const largest = chosen.toSorted((a, b) => b.files.length - a.files.length)[0]
      const first = time(largest, 1)
      const found: number[][] = chosen.map(() => [])
      for (let round = 0; round < rounds; round += 1) chosen.forEach((one, i) => found[i]?.push(time(one, calls)))
      return { first, found }
    },
    { all: sent, trustText: trust, rounds: Math.ceil(ROUNDS / CALLS), calls: CALLS },
  )
  return { open, first: samples.first, medians: samples.found.map(median) }
}

using folder = benchFolder()
if (!(await runStory({ dir: folder.dir })).ok) throw new Error('the story did not go as it should')
const story = readStory(folder.dir)
const node = await inNode(story)
const browser = await inBrowser(story)
const signature = await signatureInNode()
const counts = story.bundles.map(signaturesIn)
const mostSigned = counts.indexOf(Math.max(...counts))

const most = (values: readonly number[]): number => Math.max(...values)
const raw = signature * (counts[mostSigned] ?? 0)
printTable(`verify: ${story.bundles.length} bundles of the story, ${Math.min(...counts)} to ${Math.max(...counts)} signatures each`, [
  { what: 'a bundle in Node, median bundle', measured: milliseconds(median(node)), goal: '<= 5 ms' },
  {
    what: 'the slowest bundle in Node',
    measured: milliseconds(most(node)),
    goal: '<= 5 ms',
    comparedWith: `${counts[mostSigned] ?? 0} Ed25519 verifications, ${milliseconds(raw)}: ${times(most(node), raw)}`,
  },
  {
    what: 'a bundle in verify.html, median bundle',
    measured: milliseconds(median(browser.medians)),
    goal: '<= 50 ms',
    comparedWith: `in Node: ${times(median(browser.medians), median(node))}`,
  },
  {
    what: 'the slowest bundle in verify.html',
    measured: milliseconds(most(browser.medians)),
    goal: '<= 50 ms',
    comparedWith: `in Node: ${times(most(browser.medians), most(node))}`,
  },
  { what: 'the very first, an access, in a page just opened', measured: milliseconds(browser.first), goal: '<= 50 ms' },
  { what: 'opening the page until it can be used', measured: milliseconds(browser.open) },
])
