import { encodeBase64, encodeUtf8, sha256 } from '@fiducia/core'
import { expect, it } from 'vitest'
import { frame } from './frame.ts'

it('allows its own style and script by their hashes, and nothing else', () => {
  const [style, script] = ['p { color: red }', 'document.title = "ä"']
  const page = frame(style, script)
  const hash = (text: string) => `'sha256-${encodeBase64(sha256(encodeUtf8(text)))}'`
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? []
  expect(policy?.split('; ')).toEqual(["default-src 'none'", `script-src ${hash(script)}`, `style-src ${hash(style)}`, "base-uri 'none'", "form-action 'none'"])
  expect(/<style>([\s\S]*)<\/style>/.exec(page)?.[1]).toBe(style)
  expect(/<script>([\s\S]*)<\/script>/.exec(page)?.[1]).toBe(script)
})

it.each(['"</script>"', '"</ScRiPt"', '"<!-- "', 'p::after { content: "</style>" }'])('takes nothing that would end early in HTML: %s', (text) => {
  expect(() => frame('', text)).toThrow('expected a style and a script')
  expect(() => frame(text, '')).toThrow('expected a style and a script')
})
