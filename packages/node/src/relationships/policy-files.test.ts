import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodeBase64Url, encodeUtf8, parseBytes32, parseHandle, sha256 } from '@fiducia/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openPolicyFiles, type PolicyVersion, readPolicyFile } from './policy-files.ts'

const bytes32 = (label: string) => parseBytes32(encodeBase64Url(sha256(encodeUtf8(label))))
const handle = parseHandle(bytes32('handle'))
const versionOf = (version: number, label = 'a'): PolicyVersion => ({
  handle,
  version,
  commitment: bytes32(`commitment ${version} ${label}`),
  by: bytes32('control'),
  byControl: true,
  body: `{"grants":[],"v":1,"label":"${label}"}`,
  salt: sha256(encodeUtf8(`salt ${version}`)),
  wire: encodeUtf8(`wire ${version} ${label}`),
})

let folder = ''
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'fiducia-policies-')), 'outside', 'policies')
})
afterEach(() => rmSync(path.dirname(path.dirname(folder)), { recursive: true }))

it('gives the versions of a handle in their order, also when opened again', () => {
  const files = openPolicyFiles(folder)
  for (const version of [3, 1, 2]) files.add(versionOf(version))
  expect(files.of(handle)).toEqual([1, 2, 3].map((version) => versionOf(version)))
  expect(openPolicyFiles(folder).of(handle)).toEqual(files.of(handle))
  expect([...openPolicyFiles(folder).all]).toHaveLength(3)
  expect(files.of(parseHandle(bytes32('another handle')))).toEqual([])
})

it('keeps two versions of one number, and changes nothing when one is added again', () => {
  const files = openPolicyFiles(folder)
  files.add(versionOf(1, 'a'))
  files.add(versionOf(1, 'b'))
  const [name] = readdirSync(folder)
  const before = statSync(path.join(folder, name ?? '')).mtimeMs
  files.add({ ...versionOf(1, 'a'), body: 'another text under the same commitment' })
  expect(files.of(handle)).toEqual([versionOf(1, 'a'), versionOf(1, 'b')])
  expect(readdirSync(folder)).toHaveLength(2)
  expect(statSync(path.join(folder, name ?? '')).mtimeMs).toBe(before)
})

it('is whole on disk when add returns, and readable by the owner only', () => {
  openPolicyFiles(folder).add(versionOf(1))
  const file = path.join(folder, readdirSync(folder)[0] ?? '')
  expect(readPolicyFile(new Uint8Array(readFileSync(file)))).toEqual(versionOf(1))
  expect(statSync(file).mode & 0o077).toBe(0)
})

it('takes no notice of a file that a crash left before the rename, and removes it', () => {
  openPolicyFiles(folder).add(versionOf(1))
  const left = path.join(folder, `${handle}.${bytes32('never acknowledged')}.json.new`)
  writeFileSync(left, '{"half":')
  expect(openPolicyFiles(folder).of(handle)).toEqual([versionOf(1)])
  expect(existsSync(left)).toBe(false)
})

it('does not open over an acknowledged version that cannot be read, and names the file', () => {
  openPolicyFiles(folder).add(versionOf(1))
  const name = readdirSync(folder)[0] ?? ''
  writeFileSync(path.join(folder, name), '{"half":')
  expect(() => openPolicyFiles(folder)).toThrow(name)
})
