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
  shownToSites,
} from './aggregation/coordinator.ts'
export { type CoordinatorMessage, encodeMessage, parseCoordinatorMessage, parseSiteMessage, type SiteMessage } from './aggregation/messages.ts'
export { createRing, type Ring, type RingTerms } from './aggregation/ring.ts'
export { openRound, type Round, type RoundLedger, type RoundTerms, type Seat, type SurvivorRecord, thresholdOf } from './aggregation/round.ts'
export type { RandomBytes } from './aggregation/shamir.ts'
export { advanceSite, openSite, type SiteOptions, type SiteOutput, type SiteState, type SiteStep, type Unsigned, withSignature } from './aggregation/site.ts'
export { RESEARCH_ERRORS, ResearchError, type ResearchErrorCode } from './errors.ts'
export { columnsOf, formatFormula, formatVariable, parseFormula } from './formula/parse.ts'
export type { Formula, Outcome, Variable } from './formula/types.ts'
export { columnsWithLevels, createDesign, type Design, type DesignColumn, INTERCEPT, namesOf } from './matrix/design.ts'
export { knownRows } from './matrix/known.ts'
export { matrixOf, type ModelMatrix, outcomeOf, strataOf, survivalOf } from './matrix/matrix.ts'
export { standardizeAtSite } from './matrix/standardize.ts'
export { chiSquareTail, normalTwoSided, tTwoSided } from './models/distributions.ts'
export { createGlm } from './models/glm.ts'
export type { FamilyName } from './models/glm-families.ts'
export type { Coefficient, GlmData, GlmOptions, GlmResult } from './models/glm-model.ts'
export { predictGlm } from './models/glm-predict.ts'
export { type Fit, runInTheClear, type Step } from './rounds/types.ts'
export type { Column, ColumnKind, ColumnKinds, FactorColumn, NumberColumn, Table, TextTable } from './table/types.ts'
export { type Finished, type Program, programBytes, readParts, startProgram, type StudyAnswer, usedColumns } from './study/program.ts'
export { type Card, cardOf, disclosures, methodLine } from './study/card.ts'
export {
  type CoxTests,
  type ResultCoefficient,
  resultOf,
  type ResultTest,
  type SiteFigures,
  type StudyResult,
  type StudyTold,
  writeStudy,
} from './study/result.ts'
export { formatSpec, parseSpec, type StudySpec } from './study/spec.ts'
export { judgeTestRows } from './study/test-rows.ts'
export { enforceSitePolicy, isPermittedBy, parseSitePolicy, type SitePolicy } from './study/site-policy.ts'
export { computedWords, purposeWords, rowsWords } from './study/words.ts'
export { levelsOf, sortLevels } from './table/levels.ts'
export { cellsOf, completeRows, readTable, rowNameOf, rowsOf, type Split, splitTable } from './table/read.ts'
export { codesIn, countLevels } from './levels/codes.ts'
export { type FoundLevels, levelsFit } from './levels/levels.ts'
export { type Count, countFit, type Description, describeFit } from './statistics/describe.ts'
export { type ContingencyTable, type Factor, type Histogram, histogramFit, tableFit } from './statistics/tables.ts'
export { type Curve, type CurvePoint, type KaplanMeier, kaplanMeierFit, type KaplanMeierOptions } from './survival/kaplan-meier.ts'
export type { LogRank } from './survival/log-rank.ts'
export { coxFit } from './survival/cox.ts'
export { heldOutConcordanceFit, type HeldOutOptions } from './survival/cox-held-out.ts'
export type { Concordance, CoxCoefficient, CoxData, CoxOptions, CoxResult, PooledBaseline, Test, Ties } from './survival/cox-types.ts'
export {
  checkDifferencing,
  checkGrid,
  checkLevels,
  checkMinimumCell,
  checkParameters,
  checkStatistic,
  checkStudyPolicy,
  type DisclosurePolicy,
  effectivePolicy,
} from './disclosure/rules.ts'
export { DISCLOSURE_RULES, type DisclosureRule, enforce, type Ruling } from './disclosure/ruling.ts'
export { checkPurpose, purposeName, type DataUse, type StudyPurpose } from './disclosure/purpose.ts'
export { type SuppressedTable, suppressList, suppressTable } from './disclosure/suppression.ts'
