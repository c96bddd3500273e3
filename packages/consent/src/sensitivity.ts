import type { Category, Confidentiality } from './types.ts'
import { CONFIDENTIALITY } from './types.ts'

/**
 * Sensitivity codes of HL7's v3-ActCode (information sensitivity policies) with their parents, and which of the six
 * categories that people switch on and off each belongs to. `BH` says behavioral health without saying which part, so it
 * counts as both mental health and substance use.
 */
interface Sensitivity {
  readonly parent?: string
  readonly categories?: readonly Category[]
}

const MENTAL = ['mental-health'] as const
const SUBSTANCE = ['substance-use'] as const
const SEXUAL = ['sexual-reproductive'] as const
const VIOLENCE = ['violence'] as const
const GENETICS = ['genetics'] as const
const NONE: readonly Category[] = []

const SENSITIVITIES: ReadonlyMap<string, Sensitivity> = new Map(
  Object.entries<Sensitivity>({
    SPI: {},
    BH: { parent: 'SPI', categories: ['mental-health', 'substance-use'] },
    COGN: { parent: 'BH', categories: MENTAL },
    DVD: { parent: 'BH', categories: MENTAL },
    EMOTDIS: { parent: 'BH', categories: MENTAL },
    MH: { parent: 'BH', categories: MENTAL },
    PSY: { parent: 'BH', categories: MENTAL },
    PSYTHPN: { parent: 'BH', categories: MENTAL },
    SUD: { parent: 'BH', categories: SUBSTANCE },
    ETHUD: { parent: 'SUD', categories: SUBSTANCE },
    OPIOIDUD: { parent: 'SUD', categories: SUBSTANCE },
    ETH: { categories: SUBSTANCE },
    HIV: { categories: ['hiv'] },
    SEX: { categories: SEXUAL },
    STD: { categories: SEXUAL },
    PREGNANT: { categories: SEXUAL },
    MST: { categories: VIOLENCE },
    SDV: { categories: VIOLENCE },
    VIO: { categories: VIOLENCE },
    GDIS: { categories: GENETICS },
    SCA: { categories: GENETICS },
    SICKLE: { categories: GENETICS },
    TBOO: {},
    ADOL: {},
    CEL: {},
    DEMO: {},
    DIA: {},
    DOB: {},
    DRGIS: {},
    EMP: {},
    EMPL: {},
    GENDER: {},
    IDS: {},
    LIVARG: {},
    LOCIS: {},
    MARST: {},
    PATLOC: {},
    PDS: {},
    PHY: {},
    PRS: {},
    RACE: {},
    REL: {},
    SSP: {},
  }),
)

export const isKnownSensitivity = (code: string): boolean => SENSITIVITIES.has(code)

/** Whether `general` is `special` or stands above it. */
export function sensitivitySubsumes(general: string, special: string): boolean {
  for (let at: string | undefined = special; at !== undefined; at = SENSITIVITIES.get(at)?.parent) if (at === general) return true
  return false
}

/** Whether a deny that names `granted` speaks of an item that carries `found`: also when either code means nothing to us. */
export const denyCoversSensitivity = (granted: string, found: string): boolean =>
  !isKnownSensitivity(granted) || !isKnownSensitivity(found) || sensitivitySubsumes(granted, found)

/** The categories of a sensitivity code; none for a code that means nothing to us. */
export const categoriesOf = (code: string): readonly Category[] => SENSITIVITIES.get(code)?.categories ?? NONE

const RANK: { readonly [level in Confidentiality]: number } = { U: 0, L: 1, M: 2, N: 3, R: 4, V: 5 }

/** The place of a level in U < L < M < N < R < V; a level that is none of them counts as the highest. */
export const rankOf = (level: Confidentiality): number => RANK[level] ?? RANK.V

export const isConfidentiality = (code: string): code is Confidentiality => CONFIDENTIALITY.some((level) => level === code)

/** The higher of two levels. */
export const higherOf = (a: Confidentiality, b: Confidentiality): Confidentiality => (rankOf(a) >= rankOf(b) ? a : b)
