import type { ShownLine } from './parse-line.ts'

/** What a sample says about all statements of a member: figures, as they stand in the pack. Shares in ten-thousandths. */
export interface SampleFigures {
  /** All that count at the block. */
  readonly statements: number
  readonly sampled: number
  /** Of those sampled: a subject was erased; taken back since; the others, of which some are fresh. */
  readonly erased: number
  readonly withdrawn: number
  readonly standing: number
  /** Observed within the pack's days before the block. */
  readonly fresh: number
  /** fresh / standing; null where nothing stands. */
  readonly share: number | null
  /** 95 % confidence interval of the share among all statements that stand (Wilson 1927). */
  readonly lower: number | null
  readonly upper: number | null
}

const DAY_MS = 86_400_000
/** The normal quantile of a 95 % interval. */
const Z = 1.959964

/** `lines`: of each sampled statement the newest that is shown for its subject. `time` in milliseconds. */
export function figuresOf(lines: readonly ShownLine[], at: { readonly statements: number; readonly days: number; readonly time: number }): SampleFigures {
  const open = lines.flatMap((line) => ('com' in line ? [] : [line.statement]))
  const standing = open.filter(({ operation }) => operation !== 'withdraw')
  const fresh = standing.filter(({ observedAt }) => observedAt >= at.time - at.days * DAY_MS).length
  return {
    statements: at.statements,
    sampled: lines.length,
    erased: lines.length - open.length,
    withdrawn: open.length - standing.length,
    standing: standing.length,
    fresh,
    ...intervalOf(fresh, standing.length),
  }
}

/** The Wilson interval; every operation is one that IEEE 754 rounds in one way, so all readers get the same digits. */
export function intervalOf(hits: number, of: number): Pick<SampleFigures, 'share' | 'lower' | 'upper'> {
  if (of === 0) return { share: null, lower: null, upper: null }
  const share = hits / of
  const z2 = Z * Z
  const middle = share + z2 / (2 * of)
  const spread = Z * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of))
  const whole = 1 + z2 / of
  const inTenThousandths = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000)
  return { share: inTenThousandths(share), lower: inTenThousandths((middle - spread) / whole), upper: inTenThousandths((middle + spread) / whole) }
}
