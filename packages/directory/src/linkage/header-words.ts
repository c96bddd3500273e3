import { plainText } from '../normalize/plain-text.ts'
import type { DatePart, Meaning } from './meanings.ts'

/**
 * What the header of a column says. Rosters of payers and hospitals, registers of voters, of providers and of tumors call the same thing
 * `FirstName`, `first_name`, `fname_c1`, `FIRSTNAME`, `f_name` or `Vorname`. A header is first taken apart into words, at signs, at changes
 * of case and before digits; then the first pattern that fits counts, so what is special stands above what is general: an e-mail
 * address above an address, the name of a city above a name, and above all of them what is no fact about the person of the record.
 */
export type HeaderMeaning =
  | { readonly meaning: Meaning | 'local' | 'other' }
  | { readonly meaning: 'birthPart'; readonly part: DatePart }
  /** Two numbers are compared only if the same office gives both. */
  | { readonly meaning: 'identifier'; readonly office: string }

/** Nothing for words that are not known. */
export function meaningOfHeader(column: string): HeaderMeaning | undefined {
  const words = wordsOf(column)
  return HEADER_WORDS.find(([pattern]) => pattern.test(words))?.[1]
}

const wordsOf = (column: string): string =>
  plainText(column.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')).replaceAll(/(\p{L})(\d)/gu, '$1 $2')

const birth = (part: DatePart): HeaderMeaning => ({ meaning: 'birthPart', part })
const numberFrom = (office: string): HeaderMeaning => ({ meaning: 'identifier', office })
const says = (meaning: Meaning | 'local' | 'other'): HeaderMeaning => ({ meaning })

/** Words for birth, as headers write them before or after `year`, `month` and `day`. */
const BIRTH = '(?:birth|born|dob|brth|bth|naissance|nacimiento|geburt|geb)'

/**
 * `local` is how an organization numbers and sorts its own rows, or what happened in its own house, which says nothing to another;
 * `other` is somebody else than the person of the record, or a word about a fact that is compared elsewhere.
 */
const HEADER_WORDS: readonly (readonly [RegExp, HeaderMeaning])[] = [
  [/\bmarital\b/, says('other')],
  [/\b(?:type|title|prefix|suffix|suff|switch|flag|status|salutation)\b/, says('local')],
  [/\b(?:admission|admit|discharge|visit|encounter|appointment|enrol\w*|created|updated|modified|entered|loaded|extract|effective)\b/, says('local')],
  [/\b(?:update|change|death|died|deceased|diagnosis)\b/, says('other')],
  [
    /\b(?:mothers?|fathers?|parents?|spouses?|guardians?|emergency|kin|contact (?:name|person)|referring|attending|employers?|mere|pere|madre|padre|mutter|vater)\b/,
    says('other'),
  ],
  [
    /\b(?:birth ?place|(?:place|city|town|state|country|county) of birth|(?:birth|native) (?:city|town|state|country|county)|geburtsort|lieu (?:de )?naissance|lugar (?:de )?nacimiento)\b/,
    says('other'),
  ],
  [/\b(?:plus 4|zip 4|zip ?ext\w*|phone ext\w*|age)\b/, says('other')],
  [/\b(?:soc(?:ial)? ?sec(?:urity)?|ssn|ss ?(?:no|num|number))\b/, numberFrom('social security')],
  [/\bnpi\b|national provider/, numberFrom('provider')],
  [/\b(?:nhs|ihi|nino|chi ?(?:no|number)|health ?card|national|avs|ahv|curp|dni)\b/, numberFrom('nation')],
  [
    /\b(?:medicare|medicaid|mbi|hicn?|insurance|insured|subscriber|policy|beneficiary|versichertennummer|kvnr)\b.*\b(?:id|no|nr|num|number|identifier)\b|\b(?:medicare|medicaid|mbi|hicn?|insurance|versichertennummer|versicherungsnummer|kvnr)\b/,
    numberFrom('insurance'),
  ],
  [/\b(?:state|province|prov|canton|bundesland|provincia) ?(?:code|cd|name|desc|abbr\w*)?(?: \d)?$/, says('state')],
  [/\bpassport\b/, numberFrom('passport')],
  [/\b(?:licen[cs]e|lic ?(?:no|num|number)|drivers?)\b/, numberFrom('license')],
  [/\b(?:tax|tin|itin)\b/, numberFrom('tax')],
  [/\bvoter\b/, numberFrom('voters')],
  [/\b(?:state|province|canton|bundesland|provincia)\b/, says('state')],
  [/e ?mail/, says('email')],
  [/(?:phone|telefon|telefono)|\b(?:tel|mobile|cell|fax|handy|ph|movil|portable)\b/, says('phone')],
  [
    new RegExp(`\\b${BIRTH} ?(?:years?|yr|yyyy|yy|y)\\b|\\b(?:years?|yr|annee|ano|an) (?:of |de |d )?${BIRTH}\\b|\\b(?:yob|byear|byr|by|geburtsjahr)\\b`),
    birth('year'),
  ],
  [
    new RegExp(`\\b${BIRTH} ?(?:months?|mon|mth|mm|mo|m)\\b|\\b(?:months?|mois|mes) (?:of |de )?${BIRTH}\\b|\\b(?:bmonth|bmon|bm|geburtsmonat)\\b`),
    birth('month'),
  ],
  [new RegExp(`\\b${BIRTH} ?(?:days?|dd|d)\\b|\\b(?:days?|jour|dia) (?:of |de )?${BIRTH}\\b|\\b(?:bday|b day|bd|geburtstag)\\b`), birth('day')],
  [
    /birth ?(?:date|dt|dte)|date ?of ?birth|\b(?:dob|do b|birth|born|bdate|b date|brthdt?|brth ?dt|bth ?dt|dt ?of ?birth|dte? birth|date birth|geburtsdatum|gebdat(?:um)?|geb ?dat(?:um)?|geboren|naissance|nacimiento|ddn|fdn)\b/,
    says('birthDate'),
  ],
  [/\b(?:sex|gender|gndr|geschlecht|sexe|sexo|genre|genero)\b|gender$/, says('sex')],
  [/(?:zip|post(?:al)? ?)codes?|\b(?:zip|zcta|post(?:al)? ?(?:codes?|cd)|postal|postcd|pcode|plz|postleitzahl|codigo postal|cp)\b/, says('postalCode')],
  [/\b(?:country|nation|pays|pais|land)\b/, says('country')],
  [/\b(?:suburb|city|cty|town|locality|municipality|ort|wohnort|stadt|ville|commune|ciudad|localidad|municipio)\b|\b(?:res|home|mail)city\b/, says('city')],
  [
    /address|\b(?:addr|adr|adrs|addr?ess|street|str|road|house|hse|unit|apartment|apt|ln \d|line \d|addr?line|residence|strasse|hausnummer|hausnr|hnr|anschrift|rue|voie|calle|direccion|domicilio|adresse)\b/,
    says('street'),
  ],
  [/\b(?:middle|mid|second|2nd|midl|mname) ?(?:name|nm|initial|init)?s?\b|\b(?:m ?i|mi ?name|m name|mname|zweitname)\b/, says('middle')],
  [/^fn$/, says('given')],
  [/^ln$/, says('family')],
  [/\b(?:maiden|birth name|former|previous|prior|geburtsname|nee|nom de jeune fille|alias|aka)\b/, says('maiden')],
  [
    /\b(?:first|given|fore|christian) ?(?:names?|nm)|\b(?:given|first|1st|forenames?|fname|f name|gname|g name|firstnm|fst ?nm|vornamen?|rufname|prenoms?|nombres?)\b/,
    says('given'),
  ],
  [
    /\b(?:last|sur|family) ?(?:names?|nm)|(?:last|sur)name|\b(?:surnames?|family|last|lname|l name|sname|s name|lastnm|lst ?nm|nachname|familienname|zuname|apellidos?|nom)\b/,
    says('family'),
  ],
  [
    /\b(?:(?:id|key|uuid|guid|mrn|row|index|cluster|source|seq|sequence|record)|(?:rec|patient|person|chart|account|acct|member|case) ?(?:no|num|number|nr|id))\b/,
    says('local'),
  ],
  [
    /^(?:(?:full|patient|pat|pt|person|member|provider|practitioner|physician|client|complete) ?)?(?:name|nm)(?: full)?$|\b(?:fullname|name full)\b/,
    says('name'),
  ],
]
