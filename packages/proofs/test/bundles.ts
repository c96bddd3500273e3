import type { BundleFiles } from '../src/index.ts'
import { networkBundles } from './network.ts'
import { sampleBundle } from './sample.ts'
import { studyBundle } from './study.ts'

/** One bundle of each kind, and more of some. */
export const bundles: Readonly<Record<string, BundleFiles>> = { ...networkBundles, sample: sampleBundle(), study: studyBundle() }
