import type { RuleTable } from '../rule-set.ts'

/** What a service or its provider says about a person: procedures, kinds of encounters, specialties. */

export const CPT: RuleTable = {
  system: 'http://www.ama-assn.org/go/cpt',
  version: '2025',
  source: 'section and code ranges of CPT',
  match: 'beginning',
  rows: [
    ['90785-90899', 'PSYTHPN', 'psychiatry'],
    ['96127-96139', 'MH', 'behavioral and psychological assessment'],
    ['96156-96171', 'MH', 'health behavior assessment and intervention'],
    ['99408-99409', 'SUD', 'alcohol and substance abuse screening and intervention'],
    ['80305-80377', 'SUD', 'drug assays'],
    ['86701-86703', 'HIV', 'HIV antibody'],
    ['87534-87539', 'HIV', 'HIV by nucleic acid probe'],
    ['87389-87391', 'HIV', 'HIV antigen'],
    ['86592-86593', 'STD', 'syphilis test'],
    ['87490-87492', 'STD', 'chlamydia by nucleic acid probe'],
    ['87590-87592', 'STD', 'gonorrhea by nucleic acid probe'],
    ['58300-58301', 'SEX', 'intrauterine device'],
    ['11976-11983', 'SEX', 'contraceptive implants'],
    ['55250', 'SEX', 'vasectomy'],
    ['58600-58615', 'SEX', 'tubal ligation'],
    ['58321-58323', 'SEX', 'artificial insemination'],
    ['59000-59899', 'PREGNANT', 'maternity care and delivery'],
    ['81025', 'PREGNANT', 'urine pregnancy test'],
    ['84702-84704', 'PREGNANT', 'choriogonadotropin'],
    ['81105-81479', 'GDIS', 'molecular pathology'],
    ['88230-88299', 'GDIS', 'cytogenetics'],
    ['96040', 'GDIS', 'genetic counseling'],
  ],
}

export const HCPCS: RuleTable = {
  system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  version: '2025',
  source: 'code ranges of HCPCS level II (CMS)',
  match: 'beginning',
  rows: [
    ['H0001-H0030', 'BH', 'drug, alcohol and mental health services'],
    ['H0031-H0046', 'MH', 'mental health services'],
    ['H0047-H0050', 'SUD', 'alcohol and drug services'],
    ['H2000-H2041', 'BH', 'behavioral health services'],
    ['G0396-G0397', 'SUD', 'alcohol and substance misuse assessment'],
    ['G2067-G2088', 'OPIOIDUD', 'opioid treatment program'],
    ['J0571-J0575', 'OPIOIDUD', 'buprenorphine'],
    ['J2315', 'SUD', 'naltrexone, depot'],
    ['J7296-J7307', 'SEX', 'contraceptives'],
    ['S4993', 'SEX', 'contraceptive pills'],
    ['S0199', 'SEX', 'medically induced abortion'],
  ],
}

export const SPECIALTY: RuleTable = {
  system: 'http://nucc.org/provider-taxonomy',
  version: '25.1',
  source: 'groupings of the NUCC provider taxonomy',
  match: 'beginning',
  rows: [
    ['2084P08', 'PSY', 'psychiatry'],
    ['2084P0802X', 'SUD', 'addiction psychiatry'],
    ['2084A0401X', 'SUD', 'addiction medicine'],
    ['207LA0401X', 'SUD', 'addiction medicine, anesthesiology'],
    ['207QA0401X', 'SUD', 'addiction medicine, family medicine'],
    ['207RA0401X', 'SUD', 'addiction medicine, internal medicine'],
    ['101Y', 'MH', 'counselor'],
    ['101YA0400X', 'SUD', 'addiction counselor'],
    ['103', 'MH', 'psychologist'],
    ['1041C0700X', 'MH', 'clinical social worker'],
    ['106', 'MH', 'marriage and family therapist, behavior analyst'],
    ['207SG', 'GDIS', 'medical genetics'],
    ['170', 'GDIS', 'genetic counselor'],
    ['207VE0102X', 'SEX', 'reproductive endocrinology'],
    ['261QM08', 'MH', 'mental health clinic'],
    ['261QM2800X', 'OPIOIDUD', 'methadone clinic'],
    ['261QR0405X', 'SUD', 'substance use rehabilitation clinic'],
    ['273R', 'PSY', 'psychiatric unit'],
    ['276400000X', 'SUD', 'substance use disorder unit'],
    ['283Q', 'PSY', 'psychiatric hospital'],
    ['3245', 'SUD', 'substance abuse rehabilitation facility'],
    ['323P', 'MH', 'psychiatric residential facility'],
  ],
}

export const CVX: RuleTable = {
  system: 'http://hl7.org/fhir/sid/cvx',
  version: '2025',
  source: 'CVX (CDC): no vaccine says more than that it was given',
  match: 'code',
  rows: [],
}
