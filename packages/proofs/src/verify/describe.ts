import { type CheckName, CHECKS } from '../checks.ts'
import type { Verification } from '../types.ts'

/** A verification in words: one wording for every reader, on a terminal and on the page. */
export interface Described {
  readonly headline: string
  readonly checks: readonly DescribedCheck[]
  readonly sections: readonly Section[]
}

export interface DescribedCheck {
  readonly ok: boolean
  readonly name: string
  /** What the check means, whatever came out; empty for one that is not in the list. */
  readonly meaning: string
  /** What came out. */
  readonly detail: string
}

export interface Section {
  readonly title: string
  readonly sentences: readonly string[]
}

export function describeVerification({ valid, kind, checks, proves, doesNotProve }: Verification): Described {
  const sections = [
    { title: 'What it proves', sentences: valid ? proves : [] },
    { title: 'What it does not prove', sentences: doesNotProve },
  ]
  return {
    headline: `${valid ? 'VALID' : 'NOT VALID'}: ${kind}`,
    checks: checks.map(({ ok, name, detail }) => ({ ok, name, meaning: isCheckName(name) ? CHECKS[name] : '', detail: shown(detail) })),
    sections: sections.filter(({ sentences }) => sentences.length > 0),
  }
}

const isCheckName = (name: string): name is CheckName => Object.hasOwn(CHECKS, name)

/** A file's name may hold anything; what could move the cursor or start a line of its own stays out. */
const shown = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')

/** The lines that `fiducia verify` prints. */
export function formatVerification(verification: Verification): string {
  const { headline, checks, sections } = describeVerification(verification)
  return [
    headline,
    ...checks.map(({ ok, name, detail }) => `  ${ok ? 'ok    ' : 'FAILED'}  ${name}${detail === '' ? '' : `: ${detail}`}`),
    ...sections.flatMap(({ title, sentences }) => ['', `${title}:`, ...sentences.map((sentence) => `  - ${sentence}`)]),
  ].join('\n')
}
