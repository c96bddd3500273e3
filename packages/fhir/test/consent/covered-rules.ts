/** Which rules of the page have to decide some of the random cases, in the words in which the oracle notes them. */

const SHARED = ['recipients', 'sources', 'authors', 'purposes']
const alone = (effect: string, dimensions: readonly string[], truth: string): readonly string[] =>
  dimensions.map((one) => `${effect}: the ${one} alone are ${truth}`)
const both = (dimensions: readonly string[], truth: string): readonly string[] => [...alone('permit', dimensions, truth), ...alone('deny', dimensions, truth)]

const RULES: readonly string[] = [
  'any matching deny beats any matching permit',
  'of two resources with one name the stricter verdict counts',
  'a resource that cannot be read is withheld',
  'a resource of another patient is withheld',
  'several purposes get what each alone would get',
  'without a purpose no permit matches',
  'emergency without a reason or beside another purpose',
  'emergency overrides every deny',
  'a rule that names BTG opens',
  'a permit releases',
  'the default all-treatment is asked where no rule matches',
  'the default normal-treatment is asked where no rule matches',
  "a child permit opens its own root's deny",
  'a child deny counts',
  'OPTIN permits for the purposes that are named',
  'OPTOUT denies everything',
  'a typed permit opens the OPTOUT',
  'a Consent is ignored for its status',
  'a Consent is ignored for its scope',
  ...[
    'status',
    'scope',
    'implicit rules',
    'modifier extension',
    'empty',
    'provision',
    'code',
    'period',
    'role',
    'policy rule',
    'untyped root',
    'untyped child',
  ].map((why) => `a Consent is unrepresentable for its ${why}`),
  ...both([...SHARED, 'validity', 'actions', 'data', 'types', 'codes', 'dates', 'labels'], 'no'),
  ...both([...SHARED, 'data', 'dates'], 'unknown'),
  ...alone('deny', ['labels', 'types', 'actions'], 'unknown'),
  ...both(
    ['recipients', 'authors', 'purposes', 'validity', 'actions'].map((one) => `${one} of the root`),
    'no',
  ),
  ...both(
    ['recipients', 'purposes'].map((one) => `${one} of the root`),
    'unknown',
  ),
]

export const missingRules = (rules: ReadonlyMap<string, number>): readonly string[] => RULES.filter((rule) => (rules.get(rule) ?? 0) === 0)
