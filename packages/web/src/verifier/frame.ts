import { encodeBase64, encodeUtf8, InputError, sha256 } from '@fiducia/core'
import { WORDS } from './words.ts'

/** The one file: style and script inside, and a policy that allows exactly these two and nothing else, by their hashes. */
export function frame(style: string, script: string): string {
  if (/<\/(?:script|style)|<!--/i.test(style + script)) throw new InputError('SHAPE', 'expected a style and a script that can stand in HTML')
  const policy = ["default-src 'none'", `script-src '${hashSource(script)}'`, `style-src '${hashSource(style)}'`, "base-uri 'none'", "form-action 'none'"].join(
    '; ',
  )
  return [
    '<!doctype html>',
    `<html lang="${WORDS.language}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${WORDS.title}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<noscript>${WORDS.noScript}</noscript>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const hashSource = (text: string): string => `sha256-${encodeBase64(sha256(encodeUtf8(text)))}`
