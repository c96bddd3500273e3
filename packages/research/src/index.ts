/**
 * `@fiducia/research`: studies over several organizations. Formulas and model matrices, exact models and statistics as rounds of sums,
 * secure aggregation under every sum, disclosure control. Pure.
 */
export { RESEARCH_ERRORS, ResearchError, type ResearchErrorCode } from './errors.ts'
export { type Fit, runInTheClear, type Step } from './rounds/types.ts'
export type { Column, ColumnKind, ColumnKinds, FactorColumn, NumberColumn, Table, TextTable } from './table/types.ts'
