import * as core from '@fiducia/core'
import * as proofs from '@fiducia/proofs'
import * as research from '@fiducia/research'
import { studyBundle } from '../../../proofs/test/study.ts'
import { createWorld, give, runUntil, siteOf } from '../../../research/test/aggregation-world.ts'
import { jsonOf } from './mutations.ts'
import { isInputError, ofBytes, ofText, type Subject } from './subject.ts'

/** What members say to each other of a study, and the bundle of its run. */

const isRefusal = (error: unknown): boolean => error instanceof research.ResearchError
const studyFile = core.decodeUtf8(studyBundle().get('study.json') ?? new Uint8Array())

export const STUDY_PACK: Subject = ofText(
  'bundle of a study',
  [studyFile],
  (text) => proofs.parseStudyPack(core.parseCanonicalString(text), ''),
  proofs.formatRecord,
  { isRefusal: isInputError },
)

// ---- specs and rows ------------------------------------------------------------------------------------------------------------

const columns: research.ColumnKinds = new Map([
  ['y', 'number'],
  ['sex', 'factor'],
  ['odd name', 'factor'],
  ...Array.from({ length: 3000 }, (_, i) => [`x${i}`, 'number'] as const),
])
const spec = (method: object) => ({
  title: 'Length of stay',
  purpose: 'DUO:0000042',
  columns: { y: 'number', time: 'number', sex: 'factor' },
  method,
  disclosure: { minimumCell: 5 },
})
const specs = [
  {
    ...spec({ name: 'glm', family: 'binomial', formula: 'y ~ time * factor(sex)', ridge: 0.5 }),
    standardize: 'global',
    split: { column: 'fold', test: 'test' },
    disease: 'MONDO:0005148',
    ethics: 'board 7',
    nonCommercial: true,
    view: { resourceType: 'ViewDefinition', resource: 'Patient', select: [{ column: [{ name: 'y', path: 'id' }] }] },
  },
  spec({ name: 'cox', formula: 'Surv(time, y) ~ sex + strata(sex)', pooledStrata: true, grid: [1, 2.5], ties: 'breslow' }),
  spec({ name: 'kaplan-meier', formula: 'Surv(time, y) ~ sex', grid: [1] }),
  spec({ name: 'table', columns: ['sex'] }),
].map(research.formatSpec)

const policies = [
  { minimumCell: 12, maxParametersPerRow: 0.05, dataUse: { permission: 'DUO:0000007', conditions: ['DUO:0000021'], diseases: ['MONDO:0005148'] } },
  { person: 'patient', consent: 'research', withdrawals: 'withdrawn.txt', cohorts: 'cohorts.json' },
].map((policy) => JSON.stringify(policy))

/** What is written out again reads as the same. */
function readFormula(text: string): research.Formula {
  const formula = research.parseFormula(text, columns)
  const again = formulaOf(research.formatFormula(formula))
  if (again !== undefined && JSON.stringify(again) !== JSON.stringify(formula)) throw new Error('expected the formula to read the same when it was written out')
  return formula
}

/** Undefined where a short formula is a long one, written out. */
function formulaOf(text: string): research.Formula | undefined {
  return text.length > 5000 ? undefined : research.parseFormula(text, columns)
}

function readRows(text: string) {
  const [header = [], ...rows] = text.split('\n').map((line) => line.split(','))
  const file = { header, rows }
  const split = { column: 'sex', test: 'f' }
  const spec = { title: 'T', purpose: 'DUO:0000006', columns: Object.fromEntries(columns), method: { name: 'describe', columns: ['y'] }, split }
  return [research.readTable(file, columns, ['y', 'sex']), research.splitTable(file, split), research.readParts(research.parseSpec(spec), file)]
}

// ---- messages of a round ---------------------------------------------------------------------------------------------------------

/** One message of each kind, from a round of four sites in which the last is lost. */
function messages() {
  const world = createWorld({ seed: 31, sites: 4 })
  const lost = world.orgs.at(-1)
  const toSites: research.CoordinatorMessage[] = []
  for (const phase of ['shares', 'masked', 'unmasking'] as const) {
    const [first] = runUntil(world, phase, new Map(lost === undefined ? [] : [[lost, 'masked']]))
    if (first?.type === 'send') toSites.push(first.message)
  }
  const site = siteOf(world, world.orgs[0])
  const asked = toSites.at(-1)
  if (asked !== undefined) give(world, site.org, asked)
  return { round: world.round, said: site.sent.map(research.encodeMessage), shown: toSites.map(research.encodeMessage) }
}

const { round, said, shown } = messages()

export const RESEARCH_SUBJECTS: readonly Subject[] = [
  ofText('study', specs, (text) => research.parseSpec(jsonOf(text) ?? text), undefined, { isRefusal }),
  ofText(
    'formula',
    ['y ~ x1 + x2 * factor(`odd name`)\n - x3', 'y ~ (x1 + x2 + sex)^2 - 1', 'Surv(x1, x2) ~ sex:x3 + x4 + strata(sex)'],
    readFormula,
    undefined,
    { isRefusal },
  ),
  ofText('policy of a site', policies, (text) => research.parseSitePolicy(jsonOf(text) ?? text), undefined, { isRefusal }),
  ofText('rows of a study', ['id,y,sex\n1, 2.5e-3 ,f\n2,,m\n3,7,?'], readRows, undefined, { isRefusal }),
  ofBytes('message of a site', said, (bytes) => research.parseSiteMessage(round, bytes), research.encodeMessage, { isRefusal }),
  ofBytes('message of a coordinator', shown, (bytes) => research.parseCoordinatorMessage(round, bytes), research.encodeMessage, { isRefusal }),
]
