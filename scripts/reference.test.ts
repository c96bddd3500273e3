import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PAGES, pageFile } from './reference-pages.ts'

it.each(Object.keys(PAGES))('docs/%s is what the code says', (name) => expect(readFileSync(pageFile(name), 'utf8')).toBe(PAGES[name]?.()))
