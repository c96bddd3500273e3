import { describe, expect, it } from 'vitest'
import { denyCoversPurpose, isKnownPurpose, permitCoversPurpose, purposeSubsumes } from './purposes.ts'

/** HL7 v3-ActReason below PurposeOfUse, as terminology.hl7.org shows it: each line a parent and what lies directly below. */
const PUBLISHED = `
PurposeOfUse: HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT
HOPERAT: CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN
HSYSADMIN: LABELING METAMGT
SYSDEV: HTEST
HPAYMT: CLMATTCH COVAUTH COVERAGE REMITADV
COVERAGE: ELIGDTRM ELIGVER ENROLLM MILDCRG
HRESCH: BIORCH CLINTRCH DSRCH POARCH TRANSRCH
CLINTRCH: CLINTRCHNPC CLINTRCHPC PRECLINTRCH
PATRQT: FAMRQT PWATRNY SUPNWK
PUBHLTH: DISASTER THREAT
TREAT: CLINTRL COC ETREAT POPHLTH
ETREAT: BTG ERTREAT`
const edges = PUBLISHED.trim()
  .split('\n')
  .flatMap((line) => {
    const [parent = '', below = ''] = line.split(': ')
    return below.split(' ').map((child) => [parent, child] as const)
  })
const codes = ['PurposeOfUse', ...edges.map(([, child]) => child)]
const above = (code: string): readonly string[] => edges.filter(([, child]) => child === code).flatMap(([parent]) => [parent, ...above(parent)])

describe('purposes', () => {
  it('subsume as HL7 publishes them, each pair of them', () => {
    for (const special of codes) {
      expect(isKnownPurpose(special)).toBe(true)
      expect(codes.filter((general) => purposeSubsumes(general, special)).sort()).toEqual([special, ...above(special)].sort())
    }
  })

  it('do not know names that every object has, nor any other', () => {
    for (const name of ['toString', '__proto__', 'constructor', 'treat', '']) {
      expect(isKnownPurpose(name)).toBe(false)
      expect([purposeSubsumes(name, 'TREAT'), purposeSubsumes('TREAT', name), purposeSubsumes(name, name)]).toEqual([false, false, true])
    }
  })

  it.each([
    ['TREAT', 'COC', true, true],
    ['COC', 'TREAT', false, false],
    ['TREAT', 'BTG', false, true],
    ['ETREAT', 'BTG', false, true],
    ['BTG', 'BTG', true, true],
    ['BTG', 'TREAT', false, false],
    ['ODD', 'ODD', true, true],
    ['ODD', 'TREAT', false, true],
    ['TREAT', 'ODD', false, true],
  ])('%s asked as %s', (granted, asked, permits, denies) => {
    expect([permitCoversPurpose(granted, asked), denyCoversPurpose(granted, asked)]).toEqual([permits, denies])
  })
})
