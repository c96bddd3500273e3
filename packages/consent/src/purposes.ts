/**
 * Purposes of use: the codes below `PurposeOfUse` in HL7's v3-ActReason, each with its parent. A grant that names a code
 * speaks of everything below it too. One exception, from CONTRACT: emergency access (`BTG`) lies below treatment, so that
 * a deny of treatment covers it, but a permit covers it only by naming it.
 */

const PARENTS: ReadonlyMap<string, string | undefined> = new Map(
  Object.entries({
    PurposeOfUse: undefined,
    HMARKT: 'PurposeOfUse',
    HOPERAT: 'PurposeOfUse',
    CAREMGT: 'HOPERAT',
    DONAT: 'HOPERAT',
    FRAUD: 'HOPERAT',
    GOV: 'HOPERAT',
    HACCRED: 'HOPERAT',
    HCOMPL: 'HOPERAT',
    HDECD: 'HOPERAT',
    HDIRECT: 'HOPERAT',
    HDM: 'HOPERAT',
    HLEGAL: 'HOPERAT',
    HOUTCOMS: 'HOPERAT',
    HPRGRP: 'HOPERAT',
    HQUALIMP: 'HOPERAT',
    HSYSADMIN: 'HOPERAT',
    LABELING: 'HSYSADMIN',
    METAMGT: 'HSYSADMIN',
    MEMADMIN: 'HOPERAT',
    MILCDM: 'HOPERAT',
    PATADMIN: 'HOPERAT',
    PATSFTY: 'HOPERAT',
    PERFMSR: 'HOPERAT',
    RECORDMGT: 'HOPERAT',
    SYSDEV: 'HOPERAT',
    HTEST: 'SYSDEV',
    TRAIN: 'HOPERAT',
    HPAYMT: 'PurposeOfUse',
    CLMATTCH: 'HPAYMT',
    COVAUTH: 'HPAYMT',
    COVERAGE: 'HPAYMT',
    ELIGDTRM: 'COVERAGE',
    ELIGVER: 'COVERAGE',
    ENROLLM: 'COVERAGE',
    MILDCRG: 'COVERAGE',
    REMITADV: 'HPAYMT',
    HRESCH: 'PurposeOfUse',
    BIORCH: 'HRESCH',
    CLINTRCH: 'HRESCH',
    CLINTRCHNPC: 'CLINTRCH',
    CLINTRCHPC: 'CLINTRCH',
    PRECLINTRCH: 'CLINTRCH',
    DSRCH: 'HRESCH',
    POARCH: 'HRESCH',
    TRANSRCH: 'HRESCH',
    PATRQT: 'PurposeOfUse',
    FAMRQT: 'PATRQT',
    PWATRNY: 'PATRQT',
    SUPNWK: 'PATRQT',
    PUBHLTH: 'PurposeOfUse',
    DISASTER: 'PUBHLTH',
    THREAT: 'PUBHLTH',
    TREAT: 'PurposeOfUse',
    CLINTRL: 'TREAT',
    COC: 'TREAT',
    ETREAT: 'TREAT',
    BTG: 'ETREAT',
    ERTREAT: 'ETREAT',
    POPHLTH: 'TREAT',
  }),
)

/** Emergency access. */
export const BREAK_GLASS_PURPOSE = 'BTG'

export const isKnownPurpose = (code: string): boolean => PARENTS.has(code)

/** Whether `general` is `special` or stands above it; false when either is unknown, unless they are equal. */
export function purposeSubsumes(general: string, special: string): boolean {
  for (let at: string | undefined = special; at !== undefined; at = PARENTS.get(at)) if (at === general) return true
  return false
}

/** Whether a deny that names `granted` speaks of a request for `asked`: also when either code means nothing to us. */
export const denyCoversPurpose = (granted: string, asked: string): boolean =>
  !isKnownPurpose(granted) || !isKnownPurpose(asked) || purposeSubsumes(granted, asked)

/** Whether a permit that names `granted` speaks of a request for `asked`. */
export const permitCoversPurpose = (granted: string, asked: string): boolean =>
  granted === asked || (asked !== BREAK_GLASS_PURPOSE && purposeSubsumes(granted, asked))
