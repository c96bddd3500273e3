import { configureGlobal } from 'fast-check'

/** Random tests take the same cases for every mutant, so that the same mutants survive in every run; nobody reads the counterexamples. */
configureGlobal({ seed: 20261122, endOnFailure: true })
