import { shape } from '@fiducia/core'
import { valuesAt } from '../elements.ts'
import { cannotSay, type JsonObject } from './encode-provision.ts'
import { SYSTEMS } from './terminology.ts'

/**
 * What the profile IHE PCF 1.1 leaves out of R4's Consent, checked before one is given out as such: actions, classes and
 * codes, roles other than the recipient's, labels outside its value set, data by dependents, and more than one entry of a
 * kind in a child.
 */
export function refuseBeyondPcf(consent: JsonObject): void {
  const root = consent['provision']
  for (const required of ['patient', 'dateTime', 'performer', 'organization', 'sourceReference', 'policy']) {
    if (consent[required] === undefined) throw cannotSay(`no \`${required}\`, which the PCF profile demands`)
  }
  for (const provision of [root, ...valuesAt(root, 'provision')]) {
    for (const absent of ['action', 'class', 'code']) {
      if (valuesAt(provision, absent).length > 0) throw cannotSay(`\`${absent}\`, for which the PCF profile has no place`)
    }
    if (valuesAt(provision, 'actor.role.coding.code').some((code) => code !== 'IRCP'))
      throw cannotSay('sources or authors as actors, for which the PCF profile has no place')
    for (const label of valuesAt(provision, 'securityLabel')) {
      if (!isPcfLabel(label)) throw cannotSay('a label outside the value set of the PCF profile')
    }
    refuseData(provision, provision === root)
  }
}

const PCF_LABELS: { readonly [system: string]: readonly string[] } = {
  [SYSTEMS.confidentiality]: ['N', 'R'],
  [SYSTEMS.actCode]: ['ETH', 'ETHUD', 'OPIOIDUD', 'PSY', 'SDV', 'HIV'],
}

const isPcfLabel = (label: unknown): boolean => shape.isObject(label) && PCF_LABELS[String(label['system'])]?.some((code) => code === label['code']) === true

function refuseData(provision: unknown, isRoot: boolean): void {
  const meanings = valuesAt(provision, 'data.meaning')
  if (meanings.includes('dependents')) throw cannotSay('data by dependents, for which the PCF profile has no place')
  if (!isRoot && new Set(meanings).size < meanings.length) throw cannotSay('several entries of one kind in a child, of which the PCF profile allows one')
  for (const entry of valuesAt(provision, 'data')) {
    const reference = valuesAt(entry, 'reference.reference')[0]
    const isRelated = shape.isObject(entry) && entry['meaning'] === 'related'
    if (isRelated && !/^(?:Encounter|CarePlan|EpisodeOfCare)\//.test(String(reference)))
      throw cannotSay('data related to something other than an encounter, a care plan or an episode')
  }
}
