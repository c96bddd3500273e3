import { DirectoryError } from '@fiducia/directory'
import { UsageError } from './output.ts'

/** What is wrong with a file of records, with the file's name in front. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof DirectoryError) throw new UsageError(cause.code, `${path}: ${cause.message}`, cause.at ?? path)
    throw cause
  }
}
