/** `@fiducia/node/research`: studies over sites, without the rest of a node, so that a site's process starts fast. */
export { runStudy } from './run-study.ts'
export { openSiteProcess } from './site-port.ts'
export { requireView } from './site-rows.ts'
export type { StudyRun } from './study-desk.ts'
export { COORDINATOR } from './study-ledger.ts'
export { StudyRefused } from './study-port.ts'
