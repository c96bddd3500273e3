/**
 * What somebody asks to do with data. A node is asked for the first three; the others are those of FHIR
 * (`http://terminology.hl7.org/CodeSystem/consentaction`), which a consent may name and nobody here performs.
 */
export const ACTIONS = ['read', 'search', 'export', 'collect', 'use', 'correct'] as const
export type Action = (typeof ACTIONS)[number]

export const isKnownAction = (action: string): action is Action => ACTIONS.some((one) => one === action)

/** Looking at data, as opposed to taking it along. */
export const isReading = (action: string): boolean => action === 'read' || action === 'search'

/** Whether a deny of `granted` speaks of a request to `asked`: also when either means nothing to us, and nothing is taken along unseen. */
export const denyCoversAction = (granted: string, asked: string): boolean =>
  granted === asked || !isKnownAction(granted) || !isKnownAction(asked) || (asked === 'export' && isReading(granted))
