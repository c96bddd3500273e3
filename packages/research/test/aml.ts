/**
 * Maintenance of chemotherapy in acute myelogenous leukemia: Miller, Survival Analysis (Wiley 1981), page 49; R's `survival::aml`. Weeks, 1 for relapse,
 * 1 for the group without maintenance.
 */
export const AML: readonly (readonly [time: number, event: number, nonmaintained: number])[] = [
  ...(
    [
      [9, 1],
      [13, 1],
      [13, 0],
      [18, 1],
      [23, 1],
      [28, 0],
      [31, 1],
      [34, 1],
      [45, 0],
      [48, 1],
      [161, 0],
    ] as const
  ).map(([t, e]) => [t, e, 0] as const),
  ...(
    [
      [5, 1],
      [5, 1],
      [8, 1],
      [8, 1],
      [12, 1],
      [16, 0],
      [23, 1],
      [27, 1],
      [30, 1],
      [33, 1],
      [43, 1],
      [45, 1],
    ] as const
  ).map(([t, e]) => [t, e, 1] as const),
]
