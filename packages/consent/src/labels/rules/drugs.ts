import type { RuleRow, RuleTable } from '../rule-set.ts'

/**
 * Drugs: by ingredient code where a record names the ingredient, and by the ingredient's name for the many products that
 * contain it, since RxNorm displays begin with the ingredient. Opioids for pain count too: a reader cannot tell from the
 * drug why it was given.
 */
const INGREDIENTS: readonly (readonly [name: string, labels: string, code?: string])[] = [
  ['methadone', 'OPIOIDUD', '6813'], ['buprenorphine', 'OPIOIDUD', '1819'], ['naltrexone', 'SUD', '7243'], ['naloxone', 'OPIOIDUD', '7242'],
  ['disulfiram', 'ETHUD', '3554'], ['acamprosate', 'ETHUD', '82819'], ['lofexidine', 'OPIOIDUD'], ['nalmefene', 'OPIOIDUD', '31652'],
  ['oxycodone', 'OPIOIDUD', '7804'], ['hydrocodone', 'OPIOIDUD', '5489'], ['hydromorphone', 'OPIOIDUD', '3423'], ['morphine', 'OPIOIDUD', '7052'],
  ['oxymorphone', 'OPIOIDUD', '7814'], ['codeine', 'OPIOIDUD', '2670'], ['dihydrocodeine', 'OPIOIDUD', '23088'], ['fentanyl', 'OPIOIDUD', '4337'],
  ['alfentanil', 'OPIOIDUD', '480'], ['sufentanil', 'OPIOIDUD', '56795'], ['remifentanil', 'OPIOIDUD', '73032'], ['meperidine', 'OPIOIDUD', '6754'],
  ['tramadol', 'OPIOIDUD', '10689'], ['tapentadol', 'OPIOIDUD', '787390'], ['levorphanol', 'OPIOIDUD', '6378'], ['pentazocine', 'OPIOIDUD', '8001'],
  ['butorphanol', 'OPIOIDUD', '1841'], ['nalbuphine', 'OPIOIDUD', '7238'], ['opium', 'OPIOIDUD', '7676'], ['heroin', 'OPIOIDUD'],
  ['propoxyphene', 'OPIOIDUD', '8785'], ['dextromethorphan / quinidine', 'MH'], ['dronabinol', 'SUD', '10402'], ['nabilone', 'SUD', '31447'],
  ['secobarbital', 'SUD', '9624'], ['pentobarbital', 'SUD', '8004'], ['butalbital', 'SUD', '19860'], ['phenobarbital', 'SUD', '8134'], ['meprobamate', 'SUD', '6760'],
  ['carisoprodol', 'SUD', '2101'], ['ketamine', 'SUD', '6130'], ['esketamine', 'PSY'], ['zolpidem', 'MH', '39993'], ['eszopiclone', 'MH', '461016'],
  ['alprazolam', 'MH SUD', '596'], ['clonazepam', 'MH SUD', '2598'], ['lorazepam', 'MH SUD', '6470'], ['diazepam', 'MH SUD', '3322'],
  ['chlordiazepoxide', 'MH SUD', '2356'], ['temazepam', 'MH SUD', '10355'], ['oxazepam', 'MH SUD', '7781'], ['triazolam', 'MH SUD', '10767'],
  ['midazolam', 'MH SUD', '6960'], ['methylphenidate', 'MH SUD', '6901'], ['dexmethylphenidate', 'MH SUD', '352372'],
  ['amphetamine', 'MH SUD', '725'], ['dextroamphetamine', 'MH SUD', '3288'], ['lisdexamfetamine', 'MH SUD', '700810'], ['atomoxetine', 'MH', '38400'],
  ['sertraline', 'PSY', '36437'], ['fluoxetine', 'PSY', '4493'], ['paroxetine', 'PSY', '32937'], ['citalopram', 'PSY', '2556'],
  ['escitalopram', 'PSY', '321988'], ['fluvoxamine', 'PSY', '42355'], ['venlafaxine', 'PSY', '39786'], ['desvenlafaxine', 'PSY', '734064'],
  ['duloxetine', 'PSY', '72625'], ['bupropion', 'PSY', '42347'], ['mirtazapine', 'PSY', '15996'], ['trazodone', 'PSY', '10737'],
  ['nortriptyline', 'PSY', '7531'], ['amitriptyline', 'PSY', '704'], ['clomipramine', 'PSY', '2597'], ['phenelzine', 'PSY', '8123'],
  ['lithium', 'PSY', '6448'], ['aripiprazole', 'PSY', '89013'], ['quetiapine', 'PSY', '51272'], ['olanzapine', 'PSY', '61381'],
  ['risperidone', 'PSY', '35636'], ['paliperidone', 'PSY', '679314'], ['haloperidol', 'PSY', '5093'], ['clozapine', 'PSY', '2626'],
  ['ziprasidone', 'PSY', '115698'], ['lurasidone', 'PSY'], ['chlorpromazine', 'PSY', '2403'], ['perphenazine', 'PSY', '8076'], ['buspirone', 'MH', '1827'],
  ['donepezil', 'COGN', '135447'], ['memantine', 'COGN', '6719'], ['rivastigmine', 'COGN', '183379'],
  ['zidovudine', 'HIV', '11413'], ['lamivudine', 'HIV', '68244'], ['abacavir', 'HIV', '190521'], ['tenofovir', 'HIV', '117466'],
  ['emtricitabine', 'HIV', '276237'], ['efavirenz', 'HIV', '195085'], ['nevirapine', 'HIV', '53654'], ['rilpivirine', 'HIV', '1102270'],
  ['raltegravir', 'HIV', '719872'], ['dolutegravir', 'HIV', '1433868'], ['bictegravir', 'HIV'], ['cabotegravir', 'HIV'], ['elvitegravir', 'HIV'],
  ['ritonavir', 'HIV', '85762'], ['atazanavir', 'HIV', '343047'], ['darunavir', 'HIV', '460132'], ['maraviroc', 'HIV', '620216'], ['lopinavir', 'HIV', '195088'],
  ['levonorgestrel', 'SEX', '6373'], ['ethinyl estradiol', 'SEX', '4124'], ['norethindrone', 'SEX', '7514'], ['etonogestrel', 'SEX', '14584'],
  ['medroxyprogesterone', 'SEX', '6691'], ['norelgestromin', 'SEX'], ['drospirenone', 'SEX', '11636'], ['norgestimate', 'SEX', '31994'], ['ulipristal', 'SEX'],
  ['mestranol', 'SEX', '6782'], ['desogestrel', 'SEX', '22656'], ['mifepristone', 'SEX', '6964'], ['misoprostol', 'SEX', '42331'],
  ['sildenafil', 'SEX', '136411'], ['tadalafil', 'SEX', '358263'], ['vardenafil', 'SEX', '306674'], ['clomiphene', 'SEX', '2596'],
  ['alglucosidase', 'GDIS'], ['ivacaftor', 'GDIS'], ['nusinersen', 'GDIS'], ['antihemophilic factor', 'GDIS'],
]

/** Brands whose names show no ingredient. */
const BRANDS: readonly RuleRow[] = [
  ['suboxone', 'OPIOIDUD', 'buprenorphine and naloxone'], ['subutex', 'OPIOIDUD', 'buprenorphine'], ['vivitrol', 'SUD', 'naltrexone'], ['antabuse', 'ETHUD', 'disulfiram'],
  ['percocet', 'OPIOIDUD', 'oxycodone'], ['vicodin', 'OPIOIDUD', 'hydrocodone'], ['oxycontin', 'OPIOIDUD', 'oxycodone'], ['narcan', 'OPIOIDUD', 'naloxone'],
  ['adderall', 'MH SUD', 'amphetamine'], ['ritalin', 'MH SUD', 'methylphenidate'], ['xanax', 'MH SUD', 'alprazolam'], ['prozac', 'PSY', 'fluoxetine'],
  ['zoloft', 'PSY', 'sertraline'], ['truvada', 'HIV', 'emtricitabine and tenofovir'], ['descovy', 'HIV', 'emtricitabine and tenofovir'], ['biktarvy', 'HIV', 'bictegravir'],
  ['mirena', 'SEX', 'levonorgestrel device'], ['nexplanon', 'SEX', 'etonogestrel implant'], ['nuvaring', 'SEX', 'etonogestrel ring'], ['viagra', 'SEX', 'sildenafil'],
]

const RXNORM = { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', version: '2025', source: 'RxNorm ingredients (NLM) of the drug classes named' } as const

export const RXNORM_CODES: RuleTable = {
  ...RXNORM,
  match: 'code',
  rows: INGREDIENTS.flatMap(([name, labels, code]): readonly RuleRow[] => (code === undefined ? [] : [[code, labels, name]])),
}

export const RXNORM_NAMES: RuleTable = {
  ...RXNORM,
  match: 'name',
  rows: [...INGREDIENTS.map(([name, labels]): RuleRow => [name, labels, name]), ...BRANDS],
}

export const ATC: RuleTable = {
  system: 'http://www.whocc.no/atc',
  version: '2025',
  source: 'groups of the ATC index (WHO)',
  match: 'beginning',
  rows: [
    ['N02A', 'OPIOIDUD', 'opioids'],
    ['N07BB', 'ETHUD', 'drugs used in alcohol dependence'],
    ['N07BC', 'OPIOIDUD', 'drugs used in opioid dependence'],
    ['N03AA', 'SUD', 'barbiturates'],
    ['N05A', 'PSY', 'antipsychotics'],
    ['N05B', 'MH SUD', 'anxiolytics'],
    ['N05C', 'MH SUD', 'hypnotics and sedatives'],
    ['N06A', 'PSY', 'antidepressants'],
    ['N06B', 'MH SUD', 'psychostimulants'],
    ['N06D', 'COGN', 'anti-dementia drugs'],
    ['J05AE', 'HIV', 'protease inhibitors'],
    ['J05AF', 'HIV', 'reverse transcriptase inhibitors'],
    ['J05AG', 'HIV', 'non-nucleoside reverse transcriptase inhibitors'],
    ['J05AJ', 'HIV', 'integrase inhibitors'],
    ['J05AR', 'HIV', 'antivirals for treatment of HIV infections, combinations'],
    ['G02', 'SEX', 'other gynecologicals, contraceptive devices'],
    ['G03A', 'SEX', 'hormonal contraceptives'],
    ['G03G', 'SEX', 'ovulation stimulants'],
    ['G03X', 'SEX', 'progesterone receptor modulators'],
    ['G04BE', 'SEX', 'drugs used in erectile dysfunction'],
    ['B02BD', 'GDIS', 'blood coagulation factors'],
  ],
}
