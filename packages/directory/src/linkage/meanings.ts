import type { Form } from './normalize.ts'

/**
 * What a column of records can mean, and how each meaning is compared.
 *
 * Names share one space of tokens, so that a full name meets a given and a family name, also where the two were swapped;
 * house number, street and further address lines share another. What tells people apart weighs more than what a household or a
 * town shares: two who live together must not look like one.
 */
export type Meaning = keyof typeof MEANINGS

interface Kind {
  /** Meanings of one space are tokens of one kind. */
  readonly space: string
  readonly form: Form
  /** Bits that one token sets: the weight of the field. A date has eight tokens, a name about seven. */
  readonly hashes: number
}

export const MEANINGS = {
  given: { space: 'name', form: 'words', hashes: 14 },
  family: { space: 'name', form: 'words', hashes: 12 },
  middle: { space: 'name', form: 'words', hashes: 6 },
  maiden: { space: 'name', form: 'words', hashes: 6 },
  name: { space: 'name', form: 'words', hashes: 13 },
  birthDate: { space: 'birthDate', form: 'date', hashes: 20 },
  identifier: { space: 'identifier', form: 'digits', hashes: 16 },
  phone: { space: 'phone', form: 'digits', hashes: 8 },
  email: { space: 'email', form: 'words', hashes: 5 },
  sex: { space: 'sex', form: 'code', hashes: 12 },
  street: { space: 'street', form: 'words', hashes: 4 },
  city: { space: 'city', form: 'words', hashes: 5 },
  postalCode: { space: 'postalCode', form: 'postalCode', hashes: 7 },
  state: { space: 'state', form: 'code', hashes: 6 },
  country: { space: 'country', form: 'code', hashes: 4 },
} as const satisfies Readonly<Record<string, Kind>>

/** Columns that hold a birth date in pieces; together they are compared as one. */
export const DATE_PARTS = ['year', 'month', 'day'] as const
export type DatePart = (typeof DATE_PARTS)[number]

/** Bits for each token of a column whose meaning nobody knows. */
export const UNKNOWN_HASHES = 5
