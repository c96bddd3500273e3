import { ACT_CODE, CONFIDENTIALITY, told } from './case-codes.ts'
import { listOf } from './json.ts'
import { type Effect, or, sure, type Truth } from './truth.ts'

/** Levels and sensitivity codes in one rule are alternatives. */

export interface Labels {
  readonly confidentiality: string
  readonly sensitivity: readonly string[]
}

const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V']
/** Each sensitivity code with all that stands above it. */
const SENSITIVITIES = new Map<string, readonly string[]>([
  ['SPI', []],
  ['BH', ['SPI']],
  ['MH', ['BH', 'SPI']],
  ['PSY', ['BH', 'SPI']],
  ['PSYTHPN', ['BH', 'SPI']],
  ['SUD', ['BH', 'SPI']],
  ['ETHUD', ['SUD', 'BH', 'SPI']],
  ['OPIOIDUD', ['SUD', 'BH', 'SPI']],
  ['HIV', []],
  ['SEX', []],
  ['STD', []],
  ['SDV', []],
  ['GDIS', []],
])
const rank = (level: string): number => LEVELS.indexOf(level)
const isLevel = (code: string): boolean => LEVELS.includes(code)
const isSensitivity = (code: string): boolean => SENSITIVITIES.has(code)

export const isNormal = ({ confidentiality, sensitivity }: Labels): boolean => rank(confidentiality) <= rank('N') && sensitivity.length === 0

export function labelsSpeak(stated: unknown, labels: Labels, effect: Effect): Truth {
  if (stated === undefined) return 'yes'
  const named = listOf(stated).map((coding) =>
    told(coding, [
      [CONFIDENTIALITY, isLevel],
      [ACT_CODE, isSensitivity],
    ]),
  )
  const levels = named.flatMap((one) => (one?.system === CONFIDENTIALITY && isLevel(one.code) ? [one.code] : []))
  const codes = named.flatMap((one) => (one?.system === ACT_CODE ? [one.code] : []))
  const meaningless = levels.length + codes.length < named.length
  if (effect === 'deny') return or([sure(meaningless), ...levels.map((level) => sure(rank(labels.confidentiality) >= rank(level))), denied(codes, labels)])
  return or([...levels.map((level) => sure(rank(labels.confidentiality) <= rank(level))), permitted(codes, labels)])
}

const atOrAbove = (code: string): readonly string[] => [code, ...(SENSITIVITIES.get(code) ?? [])]

/** Covers what carries some, if each of them is listed or subsumed; never above R. */
function permitted(codes: readonly string[], { confidentiality, sensitivity }: Labels): Truth {
  if (codes.length === 0 || sensitivity.length === 0 || rank(confidentiality) > rank('R')) return 'no'
  return sure(sensitivity.every((found) => atOrAbove(found).some((one) => codes.includes(one))))
}

/** Covers what carries one that is listed or subsumed; a code that means nothing to us, on either side, may be any. */
function denied(codes: readonly string[], { sensitivity }: Labels): Truth {
  if (codes.length === 0) return 'no'
  if (codes.some((code) => !isSensitivity(code)) || sensitivity.some((code) => !isSensitivity(code))) return 'unknown'
  return sure(sensitivity.some((found) => atOrAbove(found).some((one) => codes.includes(one))))
}
