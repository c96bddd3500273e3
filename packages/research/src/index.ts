/**
 * `@fiducia/research`: studies over several organizations. Formulas and model matrices, exact models and statistics as rounds of sums,
 * secure aggregation under every sum, disclosure control. Pure.
 */
export {
  advanceCoordinator,
  type CoordinatorEvent,
  type CoordinatorOutput,
  type CoordinatorState,
  type CoordinatorStep,
  openCoordinator,
  type RoundResult,
} from './aggregation/coordinator.ts'
export { type CoordinatorMessage, encodeMessage, parseCoordinatorMessage, parseSiteMessage, type SiteMessage } from './aggregation/messages.ts'
export { createRing, type Ring, type RingTerms } from './aggregation/ring.ts'
export { openRound, type Round, type RoundLedger, type RoundTerms, type Seat, type SurvivorRecord, thresholdOf } from './aggregation/round.ts'
export type { RandomBytes } from './aggregation/shamir.ts'
export { advanceSite, openSite, type SiteOptions, type SiteOutput, type SiteState, type SiteStep, type Unsigned, withSignature } from './aggregation/site.ts'
export { RESEARCH_ERRORS, ResearchError, type ResearchErrorCode } from './errors.ts'
export { type Fit, runInTheClear, type Step } from './rounds/types.ts'
export type { Column, ColumnKind, ColumnKinds, FactorColumn, NumberColumn, Table, TextTable } from './table/types.ts'
export { advanceCoordinator, type CoordinatorEvent, type CoordinatorOutput, type CoordinatorState, openCoordinator } from './aggregation/coordinator.ts'
export { encodeMessage, parseCoordinatorMessage, parseSiteMessage } from './aggregation/messages.ts'
export { openRound, type Round, type RoundLedger, type RoundTerms, type Seat, type SurvivorRecord } from './aggregation/round.ts'
export { advanceSite, openSite, type SiteState, type SiteStep, type Unsigned, withSignature } from './aggregation/site.ts'
export { checkMinimumCell, effectivePolicy } from './disclosure/rules.ts'
export { formatFormula } from './formula/parse.ts'
export { matrixOf, outcomeOf } from './matrix/matrix.ts'
export { predictGlm } from './models/glm-predict.ts'
export { type Finished, type Program, programBytes, startProgram, type StudyAnswer, usedColumns } from './study/program.ts'
export { formatSpec, parseSpec, type StudySpec } from './study/spec.ts'
export { readTable, splitTable } from './table/read.ts'
