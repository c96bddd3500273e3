import type { RuleRow, RuleTable } from '../rule-set.ts'
import { RXNORM } from './drugs.ts'

/**
 * Drugs whose name gives nothing away. They are listed so that all others can be told apart from them: a drug that stands
 * neither here nor among those with a topic is one that we do not know. Stems of the international nonproprietary names
 * stand for whole classes (`*statin`, `*pril`); a drug with a topic keeps it whatever stem it has.
 */
const STEMS = `
  *alol *amivir *astine *atadine *azole *bendazole *bicin *caine *calcitol cef* *cept *ciclib *ciclovir *cillin *conazole *coxib *curium *curonium
  *cycline *cyclovir *dipine *dronate *dronic *fenac *fibrate *fibric *floxacin *formin *gatran *gepant *gliclazide *gliflozin *gliptin *glitazone
  *glutide *grastim *grel *grelor *limus *lukast *mab *metasone *micin *mustine *mycin *nidazole *olol *oxazole *oxicam *parib *parin *penem *plase
  *platin *poetin *prazole *pril *prilat *profen *rafenib *rubicin *sartan *semide *setron *solone *sonide *taxel *terol *thiazide *tidine *tinib
  *trexate *trexed *triptan *tropium *vastatin *xaban *zomib`

const NAMES = `
  abirateron* acarbos* acetaminophen acetazolamid* acetylcystein* acetylsalicylic aciclovir acyclovir adapalen* adrenalin* albendazol* albumin albuterol
  alendron* alfuzosin alirocumab allopurinol aloe alteplas* amantadin* amilorid* amiodaron* amlodipin* amoxicillin amphotericin ampicillin anastrozol*
  apixaban arnica ascorbic aspirin atenolol atorvastatin atovaquon* atropin* azathioprin* azelastin* azithromycin bacitracin baclofen barium
  beclometason* beclomethason* bempedoic benzocain* benzonatat* benztropin* bicalutamid* bimatoprost biotin bisacodyl bismuth bisoprolol bleomycin
  bortezomib brimonidin* brinzolamid* brompheniramin* budesonid* bumetanid* bupivacain* caffein* calamin* calcitonin calcitriol camphor capecitabin*
  capsaicin carbamazepin* carbidopa carboplatin carboxymethylcellulos* carmellos* carvedilol cefalexin celecoxib cephalexin cetirizin* chlorhexidin*
  chloroquin* chlorphenamin* chlorpheniramin* chlortalidon* chlorthalidon* cholecalciferol cholestyramin* chondroitin ciclesonid* ciclosporin cilazapril
  cilostazol cimetidin* cimicifug* cinnamon ciprofloxacin cisplatin clarithromycin clavulan* clindamycin clobetasol* clonidin* clopidogrel clotrimazol*
  coenzym* colchicin* colecalciferol colesevelam colestipol cortison* cromolyn cyanocobalamin cyclobenzaprin* cyclophosphamid* cyclosporin* dabigatran
  dalfampridin* dalteparin dantrolen* dapson* deferasirox deferipron* deferoxamin* denosumab desloratadin* desmopressin dexamethason* dextromethorphan
  dextros* diclofenac dicloxacillin dicyclomin* digoxin diltiazem dimenhydrinat* diphenhydramin* dipyridamol* divalproex docetaxel docusat* dornas*
  dorzolamid* doxazosin doxorubicin doxycyclin* doxylamin* dutasterid* echinacea edoxaban enoxaparin entacapon* enzalutamid* ephedrin* epinephrin*
  eplerenon* ergocalciferol ergotamin* erythromycin esomeprazol* ethambutol ethosuximid* etomidat* etoposid* evolocumab exemestan* exenatid* ezetimib*
  famciclovir famotidin* febuxostat ferric ferrous fexofenadin* finasterid* fingolimod flecainid* fluconazol* fludrocortison* fluocinonid* fluocortolon*
  fluorescein fluorouracil fluticason* folat* folic fondaparinux fosfomycin fosphenytoin fulvestrant furosemid* gabapentin gadolinium garlic gemcitabin*
  gentamicin ginger ginkgo glatiramer glibenclamid* gliclazid* glimepirid* glipizid* globulin glucagon glucos* glucosamin* glyburid* glycerin* glycerol
  glycopyrr* goserelin guaifenesin guanfacin* helium heparin hydralazin* hydrochlorothiazid* hydrocortison* hydroquinon* hydroxocobalamin
  hydroxychloroquin* hydroxyurea hyoscyamin* hypromellos* ibandron* ibuprofen icosapent imatinib indapamid* indometacin indomethacin insulin interferon
  iodin* iodixanol iohexol ipratropium irinotecan isoniazid isosorbid* isotretinoin ivabradin* ivermectin ketoconazol* ketorolac ketotifen lacosamid*
  lactobacillus lactulos* lamotrigin* lanolin lansoprazol* latanoprost leflunomid* lenalidomid* letrozol* leuprolid* leuproreli* levalbuterol
  levetiracetam levocetirizin* levodopa levofloxacin levothyroxin* lidocain* lifitegrast linezolid liothyronin* liraglutid* lisinopril loperamid*
  loratadin* lutein macrogol meclizin* mefloquin* melatonin meloxicam menthol mesalamin* mesalazin* metamizole metaxalon* metformin methimazol*
  methocarbamol methotrexat* methylprednisolon* metoclopramid* metoprolol metronidazol* minocyclin* minoxidil mirabegron molnupiravir mometason*
  montelukast mupirocin mycophenol* nadolol nafcillin naproxen neomycin neostigmin* niacin niacinamid* nicotin* nirmatrelvir nitrofurantoin
  nitroglycerin norepinephrin* nystatin olopatadin* omeprazol* ondansetron orlistat oseltamivir oxacillin oxaliplatin oxcarbazepin* oxybutynin* oxygen
  oxymetazolin* paclitaxel pancrelipas* pantoprazol* paracetamol penicillin pentoxifyllin* permethrin petrolatum phenylephrin* phenytoin phytomenadion*
  phytonadion* pilocarpin* pioglitazon* piperacillin placebo polymyxin povidon* pramipexol* prazosin prednisolon* prednison* pregabalin primaquin*
  primidon* probenecid probiotic procain* prochlorperazin* proguanil promethazin* propofol propranolol propylthiouracil protamin* pseudoephedrin*
  psyllium pyrazinamid* pyridostigmin* pyridoxin* quinidin* quinin* rabeprazol* raloxifen* ranitidin* ranolazin* rasagilin* remdesivir repaglinid*
  riboflavin rifampi* riluzol* risedron* rivaroxaban rizatriptan rocuronium ropinirol* ropivacain* rosuvastatin sacubitril salbutamol salicyl* saline
  scopolamin* selegilin* selenium semaglutid* senna silodosin simethicon* simeticon* simvastatin sirolimus solifenacin* sotalol spironolacton*
  succinylcholin* sucralfat* sugammadex sulbactam sulfamethoxazol* sulfasalazin* sulfur sumatriptan tacrolimus talc tamoxifen tamsulosin tazobactam
  technetium temozolomid* terazosin terbinafin* teriflunomid* teriparatid* tetracain* tetracyclin* thalidomid* theophyllin* thiamazol* thiamin*
  ticagrelor timolol tirzepatid* tizanidin* tobramycin tolterodin* topiramat* torsemid* tranexamic travoprost tretinoin triamcinolon* triamteren*
  trihexyphenidyl trimethoprim turmeric ursodiol vaccine valaciclovir valacyclovir valpro* vancomycin vareniclin* vasopressin vecuronium verapamil
  vinblastin* vincristin* vitamin warfarin zoledron* zonisamid*`

/** A salt or a vehicle names no drug by itself. */
const NAMES_OF_SEVERAL_WORDS = [
  'aluminum hydroxide',
  'benzoyl peroxide',
  'calcium acetate',
  'calcium carbonate',
  'calcium citrate',
  'calcium gluconate',
  'glyceryl trinitrate',
  'hydrogen peroxide',
  'immune globulin',
  'inert ingredients',
  'iron sucrose',
  'isopropyl alcohol',
  'magnesium citrate',
  'magnesium hydroxide',
  'magnesium oxide',
  'magnesium sulfate',
  'nitrous oxide',
  'omega 3',
  'polyethylene glycol',
  'polyvinyl alcohol',
  'potassium chloride',
  'potassium citrate',
  'silver sulfadiazine',
  'sodium bicarbonate',
  'sodium chloride',
  'zinc gluconate',
  'zinc oxide',
  'zinc sulfate',
]

/** Brands whose names show no ingredient. */
const BRANDS = `
  advair advil aleve allegra arimidex augmentin bactrim bayer benadryl boniva cipro claritin coreg coumadin cozaar crestor diflucan dilantin diovan
  eliquis enbrel excedrin farxiga flagyl flexeril flonase fosamax gleevec glucophage humalog humira imitrex januvia jardiance keflex keppra lamictal
  lantus lasix levaquin levemir lipitor lyrica motrin mucinex neurontin nexium norvasc novolog ozempic paxlovid pepcid plavix pravachol prilosec
  prinivil proair prolia protonix reglan robitussin sinemet singulair spiriva sudafed symbicort synthroid tamiflu tegretol topamax toprol trulicity
  tylenol valtrex ventolin xarelto zantac zestril zithromax zocor zofran zovirax zyrtec`

const rowsOf = (list: string, meaning: string): readonly RuleRow[] =>
  list
    .trim()
    .split(/\s+/)
    .map((key): RuleRow => [key, '', meaning])

/** Ingredients and products that records name without a display. */
const CODES: readonly RuleRow[] = [
  ['161', '', 'acetaminophen'],
  ['435', '', 'albuterol'],
  ['723', '', 'amoxicillin'],
  ['1191', '', 'aspirin'],
  ['1202', '', 'atenolol'],
  ['4603', '', 'furosemide'],
  ['4815', '', 'glyburide'],
  ['4821', '', 'glipizide'],
  ['5487', '', 'hydrochlorothiazide'],
  ['5640', '', 'ibuprofen'],
  ['6809', '', 'metformin'],
  ['6918', '', 'metoprolol'],
  ['7646', '', 'omeprazole'],
  ['8640', '', 'prednisone'],
  ['10582', '', 'levothyroxine'],
  ['11289', '', 'warfarin'],
  ['17767', '', 'amlodipine'],
  ['18631', '', 'azithromycin'],
  ['20352', '', 'carvedilol'],
  ['25480', '', 'gabapentin'],
  ['29046', '', 'lisinopril'],
  ['32968', '', 'clopidogrel'],
  ['36567', '', 'simvastatin'],
  ['40790', '', 'pantoprazole'],
  ['52175', '', 'losartan'],
  ['83367', '', 'atorvastatin'],
  ['301542', '', 'rosuvastatin'],
  ['197361', '', 'amlodipine 5 mg tablet'],
  ['308192', '', 'amoxicillin 500 mg tablet'],
  ['310798', '', 'hydrochlorothiazide 25 mg tablet'],
  ['310965', '', 'ibuprofen 200 mg tablet'],
  ['312961', '', 'simvastatin 20 mg tablet'],
  ['313782', '', 'acetaminophen 325 mg tablet'],
  ['314076', '', 'lisinopril 10 mg tablet'],
  ['860975', '', 'metformin 500 mg extended-release tablet'],
]

const SOURCE = 'stems and names of the INN (WHO) and RxNorm ingredients and brands (NLM) that are in wide use and imply none of the topics'

export const ORDINARY_DRUG_CODES: RuleTable = { ...RXNORM, source: SOURCE, match: 'code', rows: CODES }

export const ORDINARY_DRUG_NAMES: readonly RuleRow[] = [
  ...rowsOf(STEMS, 'class of drugs without a topic'),
  ...rowsOf(NAMES, 'drug without a topic'),
  ...NAMES_OF_SEVERAL_WORDS.map((key): RuleRow => [key, '', 'drug without a topic']),
  ...rowsOf(BRANDS, 'brand without a topic'),
]
