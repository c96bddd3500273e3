import { createReadStream, readdirSync } from 'node:fs'
import path from 'node:path'
import { npiOf, type SubjectKey } from '@fiducia/directory'
import { isExceptionFile } from './exceptions.ts'
import { directoryFiles } from './store.ts'

/** Files of loads beside the store in which a provider's NPI, or its key where it has none, still stands: rejected rows, and what a load has read. */
export async function filesWith(dir: string, keys: readonly SubjectKey[]): Promise<readonly string[]> {
  const { staging } = directoryFiles(dir)
  const exceptions = readdirSync(dir).filter(isExceptionFile)
  const underWay = readdirSync(path.dirname(staging)).filter((name) => name.startsWith(path.basename(staging)))
  const files = [...exceptions.map((name) => path.join(dir, name)), ...underWay.map((name) => path.join(path.dirname(staging), name))]
  const texts = [...new Set(keys.map((key) => npiOf(key) ?? key))].map((text) => Buffer.from(text))
  const found: string[] = []
  for (const file of files) if (await hasOne(file, texts)) found.push(file)
  return found
}

async function hasOne(file: string, texts: readonly Buffer[]): Promise<boolean> {
  const overlap = Math.max(...texts.map(({ length }) => length)) - 1
  let end = Buffer.alloc(0)
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([end, chunk])
    if (texts.some((text) => bytes.includes(text))) return true
    end = bytes.subarray(Math.max(0, bytes.length - overlap))
  }
  return false
}
