import { type Answer, print, printError } from './output.ts'

interface Flags {
  readonly json?: boolean
}

/** A command that gives an answer; its errors end as the contract says. */
export function answers<Args extends readonly unknown[]>(work: (...args: Args) => Promise<Answer>) {
  return async (...args: readonly unknown[]) => {
    const flags = args.at(-2) as Flags
    process.exitCode = await work(...(args.slice(0, -1) as unknown as Args)).then(
      (answer) => print(answer, flags.json === true),
      (error: unknown) => printError(error, flags.json === true),
    )
  }
}
