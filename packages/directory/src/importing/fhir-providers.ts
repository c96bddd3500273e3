import type { SubjectKey } from '../facts/types.ts'
import { codeFinding, type Draft, genderOf, isTaxonomyCode, setField } from './field-values.ts'
import { type Code, codesIn, codesOf, conceptCodes, firstCode, LANGUAGE_SYSTEM, TAXONOMY_SYSTEM, writtenCode } from './fhir-codes.ts'
import { isMailing, isPlace, type ReadResource, setActive, setAddress, setTelecom, setText, targetIn } from './fhir-context.ts'
import { childOf, childrenOf, type Element, extensionsOf, PLAN_NET, textOf, textsOf } from './fhir-element.ts'
import { type Identifiers, identifiersOf, providerSubject } from './fhir-subjects.ts'

/** Practitioner and Organization. What is not read on purpose: contacts of an organization, birth dates and photographs of people. */

export const readPractitioner: ReadResource = (resource, sourceId, { origin }) => {
  const identifiers = identifiersOf(resource)
  const draft: Draft = {}
  setIdentifiers(draft, identifiers, resource)
  setActive(draft, resource)
  setNames(draft, childrenOf(resource, 'name'))
  const gender = genderOf(textOf(resource, 'gender') ?? '')
  if (gender !== undefined) setField(draft, 'gender', gender, `${resource.path}.gender`, resource.findings)
  for (const code of codesIn(resource, 'communication')) setLanguage(draft, code, resource)
  setQualifications(draft, childrenOf(resource, 'qualification'))
  const mailing = childrenOf(resource, 'address').find(isMailing)
  if (mailing !== undefined) setAddress(draft, mailing, 'mailing.')
  return [{ subject: providerSubject('practitioner', identifiers, origin, sourceId), fields: draft }]
}

export const readOrganization: ReadResource = (resource, sourceId, context) => {
  const identifiers = identifiersOf(resource)
  const draft: Draft = {}
  setIdentifiers(draft, identifiers, resource)
  setActive(draft, resource)
  setText(draft, 'name', resource, 'name')
  const [alias = ''] = textsOf(resource, 'alias')
  setField(draft, 'otherName', alias, `${resource.path}.alias`, resource.findings)
  setField(draft, 'type', firstCode(codesIn(resource, 'type')), `${resource.path}.type`, resource.findings)
  const parent: SubjectKey | undefined = targetIn(resource, 'partOf', 'Organization', context)
  if (parent !== undefined) draft['partOf'] = parent
  const [description] = extensionsOf(resource, `${PLAN_NET}/StructureDefinition/org-description`)
  if (description !== undefined) setText(draft, 'description', description, 'valueString')
  setTelecom(draft, resource)
  const addresses = childrenOf(resource, 'address')
  const [place, mailing] = [addresses.find(isPlace), addresses.find(isMailing)]
  if (place !== undefined) setAddress(draft, place)
  if (mailing !== undefined) setAddress(draft, mailing, 'mailing.')
  return [{ subject: providerSubject('organization', identifiers, context.origin, sourceId), fields: draft }]
}

function setIdentifiers(draft: Draft, { npi, others }: Identifiers, resource: Element): void {
  if (npi !== undefined) draft['npi'] = npi
  for (const { system, value, path } of others) setField(draft, `identifier/${system || NO_SYSTEM}`, value, path, resource.findings)
}

const NO_SYSTEM = '-'

// ---- names ----------------------------------------------------------------------------------------------------------------

/** What follows a name: generations belong to it, anything else is a credential. */
const GENERATION = /^(?:jr|sr|i{1,3}|iv|vi{0,3})\.?$/i

const FORMER = new Set(['old', 'maiden', 'nickname', 'anonymous'])

function setNames(draft: Draft, names: readonly Element[]): void {
  const isFormer = (name: Element) => FORMER.has(textOf(name, 'use') ?? '')
  const name = names.find((one) => textOf(one, 'use') === 'official') ?? names.find((one) => !isFormer(one))
  if (name !== undefined) setName(draft, name)
  const other = names.find((one) => one !== name)
  if (other === undefined) return
  setText(draft, 'otherName.family', other, 'family')
  setField(draft, 'otherName.given', textsOf(other, 'given')[0] ?? '', `${other.path}.given`, other.findings)
}

function setName(draft: Draft, name: Element): void {
  setText(draft, 'name.family', name, 'family')
  const [given = '', ...middle] = textsOf(name, 'given')
  const suffixes = textsOf(name, 'suffix')
  const parts = {
    given,
    middle: middle.join(' '),
    prefix: textsOf(name, 'prefix').join(' '),
    suffix: suffixes.filter((suffix) => GENERATION.test(suffix)).join(' '),
    credential: suffixes.filter((suffix) => !GENERATION.test(suffix)).join(', '),
  }
  for (const [part, value] of Object.entries(parts)) setField(draft, `name.${part}`, value, name.path, name.findings)
}

// ---- languages and qualifications -----------------------------------------------------------------------------------------

/** How well somebody speaks is an opinion; that they do is the fact. */
function setLanguage(draft: Draft, code: Code, resource: Element): void {
  const isLanguage = code.system === LANGUAGE_SYSTEM || code.system === ''
  setField(draft, `language/${isLanguage ? code.code.toLowerCase() : writtenCode(code)}`, 'spoken', code.path, resource.findings)
}

/**
 * A taxonomy that is a practitioner's only one is the primary one. Of several, FHIR does not say which is: they are `listed`. Degrees are
 * credentials and stand in the name.
 */
function setQualifications(draft: Draft, qualifications: readonly Element[]): void {
  for (const qualification of qualifications) {
    const concept = childOf(qualification, 'code')
    const codes = concept === undefined ? [] : codesOf(concept)
    const taxonomies = codes.flatMap((code) => taxonomyOf(code, qualification))
    for (const taxonomy of taxonomies) setField(draft, `taxonomy/${taxonomy}`, 'listed', qualification.path, qualification.findings)
    setLicenses(draft, qualification, taxonomies[0] ?? '-')
  }
  const listed = Object.keys(draft).filter((field) => field.startsWith('taxonomy/'))
  if (listed.length === 1 && listed[0] !== undefined) draft[listed[0]] = 'primary'
}

/** Of a degree nothing: its system is known, and it is no taxonomy. */
export function taxonomyOf(code: Code, { findings }: Element): readonly string[] {
  if (code.system !== TAXONOMY_SYSTEM) return writtenCode(code) === code.code ? [] : [writtenCode(code)]
  const taxonomy = code.code.toUpperCase()
  if (isTaxonomyCode(taxonomy)) return [taxonomy]
  findings.push(codeFinding('TAXONOMY_CODE', code.path, taxonomy))
  return []
}

/** The state stands in an extension, because an issuer's address need not be where a licence is valid. */
function setLicenses(draft: Draft, qualification: Element, taxonomy: string): void {
  const [where] = extensionsOf(qualification, `${PLAN_NET}/StructureDefinition/practitioner-qualification`)
    .flatMap((extension) => extensionsOf(extension, 'whereValid'))
    .flatMap(conceptCodes)
  for (const { value, path } of identifiersOf(qualification).others) {
    const name = `license/${where?.code ?? '-'}/${value}`
    const known = draft[name]?.split(' ') ?? []
    setField(draft, name, known.includes(taxonomy) ? known.join(' ') : [...known, taxonomy].join(' '), path, qualification.findings)
  }
}
