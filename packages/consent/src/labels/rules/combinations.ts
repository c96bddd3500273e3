import type { Combination, RuleRow, RuleTable } from '../rule-set.ts'
import { RXNORM } from './drugs.ts'

/**
 * What two findings in one resource say together: a drug with the reason for it, a test with its result, a specialty with
 * the kind of visit. Neither says it alone, or only less. The rows of the tables are the findings, each a mark (`+`) and no
 * label; `COMBINATIONS` says what two marks mean. A combination only adds.
 */
const DRUGS: readonly RuleRow[] = [
  ['dextromethorphan', '+dextromethorphan', 'cough suppressant'],
  ['quinidin*', '+quinidine', 'antiarrhythmic'],
  ['ceftriaxon*', '+sti-antibiotic', 'antibiotic'],
  ['cefixim*', '+sti-antibiotic', 'antibiotic'],
  ['azithromycin', '+sti-antibiotic +opportunistic-drug', 'antibiotic'],
  ['doxycyclin*', '+sti-antibiotic', 'antibiotic'],
  ['sulfamethoxazol*', '+opportunistic-drug', 'antibiotic'],
  ['atovaquon*', '+opportunistic-drug', 'antiprotozoal'],
  ['dapson*', '+opportunistic-drug', 'antibiotic'],
  ['pentamidin*', '+opportunistic-drug', 'antiprotozoal'],
  ['prazosin', '+prazosin', 'blood pressure'],
  ['valpro*', '+mood-stabilizer', 'anticonvulsant'],
  ['divalproex', '+mood-stabilizer', 'anticonvulsant'],
  ['lamotrigin*', '+mood-stabilizer', 'anticonvulsant'],
  ['carbamazepin*', '+mood-stabilizer', 'anticonvulsant'],
  ['topiramat*', '+craving-drug', 'anticonvulsant'],
  ['gabapentin', '+craving-drug', 'anticonvulsant'],
  ['baclofen', '+craving-drug', 'muscle relaxant'],
  ['clonidin*', '+clonidine', 'blood pressure'],
  ['hydroxyurea', '+hydroxyurea', 'cytostatic'],
  ['hydroxycarbamid*', '+hydroxyurea', 'cytostatic'],
  ['deferasirox', '+iron-chelator', 'iron chelator'],
  ['deferipron*', '+iron-chelator', 'iron chelator'],
  ['deferoxamin*', '+iron-chelator', 'iron chelator'],
  ['olaparib', '+parp-inhibitor', 'cancer drug'],
  ['talazoparib', '+parp-inhibitor', 'cancer drug'],
  ['letrozol*', '+ovulation-drug', 'aromatase inhibitor'],
  ['metformin', '+ovulation-drug', 'antidiabetic'],
]

/** Words of a reason, a test, a visit. */
const CIRCUMSTANCES: readonly RuleRow[] = [
  ['urethritis', '+genital-infection', 'urethritis'],
  ['cervicitis', '+genital-infection', 'cervicitis'],
  ['epididymitis', '+genital-infection', 'epididymitis'],
  ['pelvic inflammatory', '+genital-infection', 'pelvic inflammatory disease'],
  ['pneumocystis', '+opportunistic-infection', 'Pneumocystis'],
  ['toxoplasm*', '+opportunistic-infection', 'toxoplasmosis'],
  ['mycobacterium avium', '+opportunistic-infection', 'Mycobacterium avium complex'],
  ['nightmare*', '+nightmares', 'nightmares'],
  ['mood', '+mood', 'mood'],
  ['craving*', '+craving', 'craving'],
  ['withdrawal', '+withdrawal', 'withdrawal'],
  ['anemia', '+anemia', 'anemia'],
  ['anaemia', '+anemia', 'anemia'],
  ['vaso occlusive', '+anemia', 'vaso-occlusive crisis'],
  ['breast', '+breast', 'breast'],
  ['anovulat*', '+ovary', 'anovulation'],
  ['polycystic ovar*', '+ovary', 'polycystic ovary syndrome'],
  ['papillomavirus', '+hpv-hsv2', 'human papillomavirus'],
  ['hpv', '+hpv-hsv2', 'human papillomavirus'],
  ['herpes simplex virus 2', '+hpv-hsv2', 'herpes simplex virus type 2'],
  ['positive', '+positive', 'positive'],
  ['detected', '+positive', 'detected'],
  ['not detected', '+', 'not detected'],
  ['counseling', '+counseling', 'counseling'],
  ['counselling', '+counseling', 'counseling'],
  ['ultrasound', '+ultrasound', 'ultrasound'],
  ['ultrasonography', '+ultrasound', 'ultrasound'],
]

/** The same findings by code. */
const CODED: readonly (readonly [system: string, rows: readonly RuleRow[]])[] = [
  [
    'http://hl7.org/fhir/sid/icd-10-cm',
    [
      ['N34', '+genital-infection', 'urethritis'],
      ['N45', '+genital-infection', 'orchitis and epididymitis'],
      ['N70-N73', '+genital-infection', 'inflammatory diseases of female pelvic organs'],
      ['B58', '+opportunistic-infection', 'toxoplasmosis'],
      ['B59', '+opportunistic-infection', 'pneumocystosis'],
      ['A31', '+opportunistic-infection', 'other mycobacteria'],
      ['F51.5', '+nightmares', 'nightmare disorder'],
      ['D64', '+anemia', 'other anemias'],
      ['C50', '+breast', 'malignant neoplasm of breast'],
      ['E28.2', '+ovary', 'polycystic ovarian syndrome'],
    ],
  ],
  [
    'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
    [
      ['POS', '+positive', 'positive'],
      ['DET', '+positive', 'detected'],
      ['RR', '+positive', 'reactive'],
    ],
  ],
  [
    'http://nucc.org/provider-taxonomy',
    [
      ['1041', '+counselor', 'social worker'],
      ['163W', '+counselor', 'registered nurse'],
      ['207V', '+gynecologist', 'obstetrics and gynecology'],
    ],
  ],
]

const table = (system: string, match: RuleTable['match'], source: string, rows: readonly RuleRow[]): RuleTable => ({
  system,
  version: '2025',
  match,
  source,
  rows,
})

/** The tables of findings; `clinical` are the systems whose displays are judged by words. */
export const findingTables = (clinical: readonly string[]): readonly RuleTable[] => [
  { ...RXNORM, match: 'name', rows: DRUGS },
  ...clinical.map((system) => table(system, 'name', 'findings that mean something together with another', [...DRUGS, ...CIRCUMSTANCES])),
  ...CODED.map(([system, rows]) => table(system, 'beginning', 'findings that mean something together with another', rows)),
]

export const COMBINATIONS: readonly Combination[] = [
  {
    needs: ['+dextromethorphan', '+quinidine'],
    labels: ['MH'],
    meaning: 'the pair has one use, pseudobulbar affect',
    source: 'FDA label of dextromethorphan hydrobromide and quinidine sulfate',
  },
  {
    needs: ['+sti-antibiotic', '+genital-infection'],
    labels: ['STD'],
    meaning: 'treatment of gonorrhea and chlamydia by syndrome',
    source: 'CDC Sexually Transmitted Infections Treatment Guidelines, 2021',
  },
  {
    needs: ['+opportunistic-drug', '+opportunistic-infection'],
    labels: ['HIV'],
    meaning: 'prophylaxis or treatment of an opportunistic infection',
    source: 'NIH, CDC and IDSA guidelines for opportunistic infections in HIV',
  },
  {
    needs: ['+prazosin', '+nightmares'],
    labels: ['PSY'],
    meaning: 'prazosin for nightmares treats posttraumatic stress',
    source: 'VA/DoD guideline for posttraumatic stress disorder, 2023',
  },
  {
    needs: ['+mood-stabilizer', '+mood'],
    labels: ['PSY'],
    meaning: 'an anticonvulsant for mood treats bipolar disorder',
    source: 'FDA labels of divalproex, lamotrigine and carbamazepine',
  },
  {
    needs: ['+craving-drug', '+craving'],
    labels: ['SUD', 'ETHUD'],
    meaning: 'a drug against craving treats dependence',
    source: 'APA guideline for alcohol use disorder, 2018',
  },
  {
    needs: ['+clonidine', '+withdrawal'],
    labels: ['OPIOIDUD'],
    meaning: 'clonidine for withdrawal treats opioid dependence',
    source: 'ASAM guideline for opioid use disorder, 2020',
  },
  {
    needs: ['+hydroxyurea', '+anemia'],
    labels: ['SCA', 'GDIS'],
    meaning: 'hydroxyurea for anemia treats sickle cell disease',
    source: 'FDA label of hydroxyurea (Droxia, Siklos)',
  },
  {
    needs: ['+iron-chelator', '+anemia'],
    labels: ['GDIS'],
    meaning: 'iron overload from transfusions for a hereditary anemia',
    source: 'FDA label of deferasirox',
  },
  {
    needs: ['+parp-inhibitor', '+breast'],
    labels: ['GDIS'],
    meaning: 'in breast cancer these drugs are given to carriers of a BRCA variant',
    source: 'FDA labels of olaparib and talazoparib',
  },
  {
    needs: ['+ovulation-drug', '+ovary'],
    labels: ['SEX'],
    meaning: 'induction of ovulation',
    source: 'ASRM and international guideline for polycystic ovary syndrome, 2023',
  },
  {
    needs: ['+hpv-hsv2', '+positive'],
    labels: ['STD'],
    meaning: 'the test is screening, its positive result an infection',
    source: 'CDC Sexually Transmitted Infections Treatment Guidelines, 2021',
  },
  {
    needs: ['+counselor', '+counseling'],
    labels: ['MH'],
    meaning: 'counseling by a social worker or a nurse',
    source: 'definitions of the NUCC provider taxonomy',
  },
  {
    needs: ['+gynecologist', '+ultrasound'],
    labels: ['PREGNANT'],
    meaning: 'ultrasound in obstetrics',
    source: 'definitions of the NUCC provider taxonomy',
  },
]
