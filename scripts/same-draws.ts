import * as fc from 'fast-check'
import { inject } from 'vitest'

/** Properties draw from the sources' own seed: new draws with each change, and what passes here passes wherever the same sources are tested. */
fc.configureGlobal({ seed: inject('seed') })

declare module 'vitest' {
  interface ProvidedContext {
    readonly seed: number
  }
}
