import type { FhirResource } from '@fiducia/fhir'
import { ALLERGIES, LIPID_PANEL, type LaboratoryName, PHQ_9, SMOKING, snomed, VACCINES } from './codes.ts'
import { addDays, ageAt, dayAtAge, daysBetween, LAST_RECORDED_DAY, yearOf } from './days.ts'
import { addClaims } from './claims.ts'
import {
  addAllergy,
  addCondition,
  addImmunization,
  addLaboratory,
  addMedication,
  addProcedure,
  addReport,
  addScore,
  addSocialHistory,
  addVitals,
  type Vitals,
} from './entries.ts'
import { FAMILY_NAMES, FEMALE_NAMES, MALE_NAMES } from './names.ts'
import { DEMO_ORGANIZATIONS, type DemoOrganization, practitionersOf } from './organizations.ts'
import { type Problem, PROBLEMS } from './problems.ts'
import { createRandom, type Random } from './random.ts'
import { addVisit, type Demographics, openRecord, type RecordDraft } from './record.ts'

/**
 * Synthetic people with records that hang together: problems begin at a plausible age and in a plausible order, drugs are
 * given for a problem the person has, measurements follow from the problems at that time, and each organization holds
 * its own part. All of it follows from the seed.
 */
export interface Person extends Demographics {
  /** Empty where the person is not known there. */
  readonly records: { readonly [organization in DemoOrganization]: readonly FhirResource[] }
}

/** The same seed and number give the same people; the first of n people are those of any smaller number. */
export function generatePeople(seed: string, count: number): readonly Person[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, (_, i) => generatePerson(random.fork(`person ${i}`), `p${String(i + 1).padStart(4, '0')}`))
}

/** A problem in one person's life. */
interface Course {
  readonly problem: Problem
  readonly onset: string
  readonly over: string | undefined
}

interface Life extends Demographics {
  readonly random: Random
  readonly courses: readonly Course[]
  readonly heightCm: number
  readonly weightKg: number
  readonly drafts: { readonly [organization in DemoOrganization]?: RecordDraft }
}

function generatePerson(random: Random, id: string): Person {
  const sex = random.chance(0.52) ? 'female' : 'male'
  const person: Demographics = {
    id,
    sex,
    given: random.pick(sex === 'female' ? FEMALE_NAMES : MALE_NAMES),
    family: random.pick(FAMILY_NAMES),
    birthDate: addDays('1938-01-01', random.integer(0, 365 * 78)),
  }
  const courses = coursesOf(person, random.fork('problems'))
  const heightCm = random.near(sex === 'female' ? 164 : 177, 6)
  const weightKg = random.near((heightCm / 100) ** 2 * (courses.some(({ problem }) => problem.name === 'diabetes') ? 30 : 26), 7, 1)
  const life: Life = { ...person, random, courses, heightCm, weightKg, drafts: openRecords(person, courses, random) }
  writeFamilyPractice(life)
  for (const course of courses) writeCourse(life, course)
  writeClaims(life)
  const resourcesAt = (organization: DemoOrganization) => life.drafts[organization]?.resources ?? []
  return { ...person, records: { alder: resourcesAt('alder'), birch: resourcesAt('birch'), cedar: resourcesAt('cedar'), dune: resourcesAt('dune') } }
}

function coursesOf(person: Demographics, random: Random): readonly Course[] {
  const age = ageAt(person.birthDate, LAST_RECORDED_DAY)
  const courses: Course[] = []
  for (const problem of PROBLEMS) {
    const prone = problem.after === undefined || problem.after.some((name) => courses.some((course) => course.problem.name === name))
    const years = problem.onset[0] + random.next() * (problem.onset[1] - problem.onset[0])
    const happens = random.chance(problem.chance)
    if (!prone || !happens || years >= age - 0.3 || (problem.sex !== undefined && problem.sex !== person.sex)) continue
    const onset = laterOf(
      dayAtAge(person.birthDate, years),
      ...(problem.after ?? []).flatMap((name) => courses.filter((one) => one.problem.name === name).map((one) => addDays(one.onset, 90))),
    )
    const over = problem.days === undefined ? undefined : addDays(onset, random.integer(...problem.days))
    if (daysBetween(over ?? onset, LAST_RECORDED_DAY) > 120) courses.push({ problem, onset, over })
  }
  return courses
}

const laterOf = (first: string, ...days: readonly string[]): string => days.reduce((latest, day) => (day > latest ? day : latest), first)

/** Everybody has a family practice and a health plan or a hospital; heart problems bring the clinic in. */
function openRecords(person: Demographics, courses: readonly Course[], random: Random): Life['drafts'] {
  const needed = new Set<DemoOrganization>(['birch', ...courses.map(({ problem }) => problem.at)])
  if (random.chance(0.7) || needed.size === 1) needed.add('dune')
  return Object.fromEntries(
    DEMO_ORGANIZATIONS.filter((organization) => needed.has(organization)).map((organization) => [organization, openRecord(person, organization)]),
  )
}

/** Yearly check-ups over the last years, with vitals, vaccines and what the problems of that time ask for. */
function writeFamilyPractice(life: Life): void {
  const draft = life.drafts.birch
  if (draft === undefined) return
  const random = life.random.fork('practice')
  const by = practitionersOf('birch')[random.integer(0, 1)]
  const age = ageAt(life.birthDate, LAST_RECORDED_DAY)
  const years = Math.min(6, Math.max(1, age))
  for (let back = years; back >= 1; back -= 1) {
    const day = addDays(LAST_RECORDED_DAY, -back * 365 + random.integer(0, 300))
    const visit = addVisit(draft, day, 'checkUp', { minutes: 480 + 15 * random.integer(0, 28), ...(by === undefined ? {} : { by }) })
    addVitals(draft, visit, vitalsOf(life, random, day))
    if (back === years) writeFirstVisit(life, draft, random, visit)
    for (const vaccine of vaccinesAt(ageAt(life.birthDate, day), day, back)) addImmunization(draft, visit, VACCINES[vaccine])
    if (ageAt(life.birthDate, day) >= 40) writeYearlyLaboratory(life, draft, random, visit)
  }
}

function writeFirstVisit(life: Life, draft: RecordDraft, random: Random, visit: ReturnType<typeof addVisit>): void {
  const kind = random.next()
  if (kind < 0.7) addAllergy(draft, visit, ALLERGIES.none, undefined)
  else if (kind < 0.88) addAllergy(draft, visit, ALLERGIES.penicillin, 'medication')
  else addAllergy(draft, visit, kind < 0.95 ? ALLERGIES.peanut : ALLERGIES.shellfish, 'food')
  if (ageAt(life.birthDate, visit.day) < 18) return
  addSocialHistory(draft, visit, SMOKING, random.chance(0.15) ? snomed('449868002', 'Smokes tobacco daily') : snomed('266919005', 'Never smoked tobacco'))
}

function vaccinesAt(age: number, day: string, back: number): readonly (keyof typeof VACCINES)[] {
  const season = day.slice(5) >= '09-01' || day.slice(5) < '02-01'
  return [
    ...(season ? (['influenza'] as const) : []),
    ...(back === 3 && age >= 19 ? (['tetanus'] as const) : []),
    ...(age === 65 || (age > 65 && back === 4) ? (['pneumococcal'] as const) : []),
    ...(age >= 50 && (back === 2 || back === 1) ? (['zoster'] as const) : []),
    ...(age >= 12 && yearOf(day) >= 2021 && back === 5 ? (['covid'] as const) : []),
  ]
}

const has = (life: Life, name: string, day: string): boolean =>
  life.courses.some(({ problem, onset, over }) => problem.name === name && onset <= day && (over === undefined || day <= over))

function vitalsOf(life: Life, random: Random, day: string): Vitals {
  const age = ageAt(life.birthDate, day)
  const child = age < 18
  const growth = child ? 0.45 + (0.55 * Math.max(age, 1)) / 18 : 1
  const heightCm = Math.round(life.heightCm * growth)
  const systolic = random.near(child ? 98 + age : has(life, 'hypertension', day) ? 136 : 119 + age / 12, 7)
  const diastolic = Math.min(systolic - 25, random.near(child ? 58 + age / 2 : has(life, 'hypertension', day) ? 84 : 76, 5))
  return {
    systolic,
    diastolic,
    heartRate: random.near(child ? 95 - age : has(life, 'fibrillation', day) ? 84 : 71, 6),
    weightKg: Number(Math.max(3.5, random.near(life.weightKg * growth ** 2.4, 1.2, 1)).toFixed(1)),
    heightCm,
    oxygen: Math.min(100, random.near(has(life, 'heart-failure', day) ? 95 : 98, 1)),
  }
}

/** A value that fits the problems of that day. */
function laboratoryValue(life: Life, random: Random, name: LaboratoryName, day: string): number {
  const [diabetes, lipids, failing] = [has(life, 'diabetes', day), has(life, 'hyperlipidemia', day), has(life, 'heart-failure', day)]
  switch (name) {
    case 'hemoglobinA1c':
      return Math.max(4.6, random.near(diabetes ? 7.1 : 5.3, diabetes ? 0.5 : 0.15, 1))
    case 'glucose':
      return Math.max(70, random.near(diabetes ? 148 : 89, diabetes ? 18 : 5))
    case 'cholesterol':
      return random.near(lipids ? 212 : 178, 14)
    case 'highDensity':
      return Math.max(28, random.near(life.sex === 'female' ? 56 : 47, 6))
    case 'lowDensity':
      return Math.max(50, random.near(lipids ? 134 : 102, 11))
    case 'triglycerides':
      return Math.max(45, random.near(lipids ? 172 : 112, 20))
    case 'creatinine':
      return Math.max(0.4, random.near((life.sex === 'female' ? 0.8 : 0.95) + (failing ? 0.4 : 0), 0.09, 2))
    case 'hemoglobin':
      return random.near(life.sex === 'female' ? 13.3 : 14.7, 0.6, 1)
    case 'thyrotropin':
      return Math.max(0.3, random.near(2.1, 0.6, 2))
    case 'natriureticPeptide':
      return Math.max(30, random.near(failing ? 1650 : 70, failing ? 380 : 12))
    case 'cd4Cells':
      return Math.max(180, random.near(640, 120))
  }
}

function writeYearlyLaboratory(life: Life, draft: RecordDraft, random: Random, visit: ReturnType<typeof addVisit>): void {
  const value = (name: LaboratoryName) => addLaboratory(draft, visit, name, laboratoryValue(life, random, name, visit.day))
  const [highDensity, lowDensity, triglycerides] = (['highDensity', 'lowDensity', 'triglycerides'] as const).map((name) =>
    laboratoryValue(life, random, name, visit.day),
  )
  // Total cholesterol by Friedewald, so that the panel adds up.
  const total = Math.round((highDensity ?? 50) + (lowDensity ?? 100) + (triglycerides ?? 100) / 5)
  const panel = [
    addLaboratory(draft, visit, 'cholesterol', total),
    addLaboratory(draft, visit, 'highDensity', highDensity ?? 50),
    addLaboratory(draft, visit, 'lowDensity', lowDensity ?? 100),
    addLaboratory(draft, visit, 'triglycerides', triglycerides ?? 100),
  ]
  addReport(draft, visit, LIPID_PANEL, panel)
  value('creatinine')
  if (has(life, 'diabetes', visit.day)) value('hemoglobinA1c')
  value('glucose')
}

/** The visit at which a problem was found, its treatment, and one follow-up where it stays. */
function writeCourse(life: Life, course: Course): void {
  const { problem, onset, over } = course
  const draft = life.drafts[problem.at]
  if (draft === undefined) return
  const random = life.random.fork(problem.name)
  const by = specialistFor(problem)
  const acute = problem.days !== undefined && problem.name !== 'pregnancy'
  const found = acute ? onset : addDays(onset, random.integer(1, 30))
  const kind = problem.name === 'appendicitis' ? 'emergency' : acute ? 'acute' : 'followUp'
  const visit = addVisit(draft, found, kind, { minutes: 540 + 15 * random.integer(0, 24), ...(by === undefined ? {} : { by }) })
  const condition = addCondition(draft, visit, { codings: problem.codings, onset, ...(over === undefined ? {} : { over }) })
  if (problem.treatment !== undefined) addMedication(draft, visit, { ...problem.treatment, reason: condition, stopped: over !== undefined })
  if (problem.procedure !== undefined) addProcedure(draft, visit, problem.procedure, condition)
  for (const name of problem.laboratory ?? []) addLaboratory(draft, visit, name, laboratoryValue(life, random, name, found))
  if (problem.name === 'depression') addScore(draft, visit, PHQ_9, random.integer(11, 19))
  const later = addDays(found, random.integer(60, 110))
  if (over !== undefined || later >= LAST_RECORDED_DAY) return
  const followUp = addVisit(draft, later, 'followUp', { minutes: 540 + 15 * random.integer(0, 24), ...(by === undefined ? {} : { by }) })
  addVitals(draft, followUp, vitalsOf(life, random, later))
  if (problem.name === 'depression') addScore(draft, followUp, PHQ_9, random.integer(3, 9))
}

function specialistFor(problem: Problem): ReturnType<typeof practitionersOf>[number] | undefined {
  const staff = practitionersOf(problem.at)
  const wanted =
    problem.name === 'depression' || problem.name === 'alcohol'
      ? 'psychiatry'
      : problem.name === 'appendicitis' || problem.name === 'ankle-sprain'
        ? 'emergency medicine'
        : undefined
  return staff.find(({ specialty }) => specialty === wanted) ?? staff[0]
}

/** The health plan knows what was billed: one claim for each visit elsewhere of the last years. */
function writeClaims(life: Life): void {
  const draft = life.drafts.dune
  if (draft === undefined) return
  addClaims(
    draft,
    DEMO_ORGANIZATIONS.filter((organization) => organization !== 'dune').flatMap((organization) => life.drafts[organization]?.resources ?? []),
  )
}
