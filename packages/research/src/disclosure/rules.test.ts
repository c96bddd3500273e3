import { describe, expect, it } from 'vitest'
import { checkPurpose } from './purpose.ts'
import { checkDifferencing, checkGrid, checkLevels, checkMinimumCell, checkParameters, checkStatistic, checkStudyPolicy, effectivePolicy } from './rules.ts'
import { ALLOWED, DISCLOSURE_RULES, enforce, type Ruling } from './ruling.ts'

const policy = { minimumCell: 10, maxParametersPerRow: 0.1 }
const ruleOf = (ruling: Ruling) => (ruling.allowed ? 'allowed' : ruling.rule)
const cohort = (from: number, to: number) => new Set(Array.from({ length: to - from }, (_, i) => `row-${from + i}`))

describe('rules of disclosure', () => {
  it('name themselves in the refusal and never a small count', () => {
    expect(() => enforce(ALLOWED, checkMinimumCell({ 'events in total': 7 }, policy))).toThrow(
      'rule `minimum-cell`: expected at least 10 events in total, found fewer',
    )
    expect(() => enforce(checkMinimumCell({ 'rows at this site': 10 }, policy))).not.toThrow()
    expect(Object.keys(DISCLOSURE_RULES)).toContain('differencing')
  })

  it.each([
    ['a site with no rows', checkMinimumCell({ 'rows at this site': 0 }, policy), 'minimum-cell'],
    ['a single-site cohort: the others have none', checkMinimumCell({ 'rows at this site': 0, 'rows in total': 500 }, policy), 'minimum-cell'],
    ['a count that is no number', checkMinimumCell({ 'rows at this site': Number.NaN }, policy), 'minimum-cell'],
    ['outcomes of one kind', checkMinimumCell({ 'rows with outcome 0 in total': 4, 'rows with outcome 1 in total': 400 }, policy), 'minimum-cell'],
    ['a saturated model', checkParameters(100, 100, policy), 'parameters-per-row'],
    ['one parameter too many', checkParameters(11, 100, policy), 'parameters-per-row'],
    ['as many as allowed', checkParameters(10, 100, policy), 'allowed'],
    ['a column of names', checkLevels('name', 95, 100, policy), 'levels-per-row'],
    ['a column of two codes at a small site', checkLevels('sex', 2, 12, policy), 'allowed'],
    ['a looser cell', checkStudyPolicy(policy, { minimumCell: 9 }), 'site-policy'],
    ['a cell that is no number', checkStudyPolicy(policy, { minimumCell: Number.NaN }), 'site-policy'],
    ['more parameters', checkStudyPolicy(policy, { maxParametersPerRow: 0.11 }), 'site-policy'],
    ['a stricter study', checkStudyPolicy(policy, { minimumCell: 20, maxParametersPerRow: 0.05 }), 'allowed'],
    ['a minimum', checkStatistic('min'), 'raw-extremes'],
    ['a median', checkStatistic('median'), 'raw-extremes'],
    ['a vector of the caller', checkStatistic('dot(x, v)'), 'caller-vectors'],
    ['a mean', checkStatistic('mean'), 'allowed'],
    ['a grid that falls', checkGrid([0, 2, 1], undefined, policy), 'public-grid'],
    ['a grid with a point for each row', checkGrid([0, 1, 2, 3], 39, policy), 'public-grid'],
    ['a coarse grid', checkGrid([0, 1, 2, 3], 40, policy), 'allowed'],
    ['no grid', checkGrid([], undefined, policy), 'public-grid'],
  ])('%s', (_, ruling, rule) => expect(ruleOf(ruling)).toBe(rule))

  it('are never loosened by a study', () => {
    expect(effectivePolicy(policy, { minimumCell: 3, maxParametersPerRow: 1 })).toEqual(policy)
    expect(effectivePolicy(policy, { minimumCell: 30, maxParametersPerRow: 0.01 })).toEqual({ minimumCell: 30, maxParametersPerRow: 0.01 })
  })

  it('refuse two cohorts that differ by one patient, or by one who left and many who came', () => {
    const earlier = [cohort(0, 100), cohort(500, 600)]
    expect(ruleOf(checkDifferencing(cohort(0, 101), earlier, policy))).toBe('differencing')
    expect(ruleOf(checkDifferencing(cohort(1, 100), earlier, policy))).toBe('differencing')
    expect(ruleOf(checkDifferencing(cohort(1, 150), earlier, policy))).toBe('differencing')
    expect(ruleOf(checkDifferencing(cohort(0, 100), earlier, policy))).toBe('allowed')
    expect(ruleOf(checkDifferencing(cohort(0, 110), earlier, policy))).toBe('allowed')
    expect(ruleOf(checkDifferencing(cohort(10, 110), earlier, policy))).toBe('allowed')
  })
})

describe('purposes', () => {
  const general = { permission: 'DUO:0000042' }
  const diabetes = { permission: 'DUO:0000007', diseases: ['MONDO:0005148'] }
  it.each([
    ['general under general', { code: 'DUO:0000042' }, [general], true],
    ['general under biomedical', { code: 'DUO:0000042' }, [general, { permission: 'DUO:0000006' }], false],
    ['biomedical under general', { code: 'DUO:0000006' }, [general], true],
    ['the disease that was named', { code: 'DUO:0000007', disease: 'MONDO:0005148' }, [diabetes, general], true],
    ['another disease', { code: 'DUO:0000007', disease: 'MONDO:0004992' }, [diabetes], false],
    ['a disease not said', { code: 'DUO:0000007' }, [general], false],
    ['biomedical under one disease', { code: 'DUO:0000006' }, [diabetes], false],
    ['ancestry under biomedical', { code: 'DUO:0000011' }, [{ permission: 'DUO:0000006' }], false],
    ['methods where methods are not', { code: 'DUO:0000031' }, [{ ...general, conditions: ['DUO:0000015'] }], false],
    ['ethics approval missing', { code: 'DUO:0000042' }, [{ ...general, conditions: ['DUO:0000021'] }], false],
    ['ethics approval there', { code: 'DUO:0000042', ethicsReference: 'EK 12/3' }, [{ ...general, conditions: ['DUO:0000021'] }], true],
    ['commerce not excluded', { code: 'DUO:0000042' }, [{ ...general, conditions: ['DUO:0000046'] }], false],
    ['an unknown purpose', { code: 'DUO:9999999' }, [general], false],
    ['an unknown permission', { code: 'DUO:0000042' }, [{ permission: 'anything' }], false],
    ['an unknown condition', { code: 'DUO:0000042' }, [{ ...general, conditions: ['DUO:0000025'] }], false],
    ['no grant', { code: 'DUO:0000042' }, [], false],
  ])('%s', (_, purpose, grants, allowed) => expect(checkPurpose(purpose, grants).allowed).toBe(allowed))
})
