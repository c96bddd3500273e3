import { InputError } from '@fiducia/core'

/**
 * How every command ends (the command-line contract): 0 fine or yes · 1 the answer is no or a check failed · 2 bad use or
 * unreadable input. With --json standard output is exactly one JSON value and everything else goes to standard error.
 */
export type ExitCode = 0 | 1 | 2

export interface Answer {
  readonly exitCode: ExitCode
  /** The one JSON value. */
  readonly json: unknown
  /** Lines for a person. */
  readonly text: string
  /** Output that is too long for one value in memory was written by the command itself. */
  readonly isWritten?: true
}

/** Bad use or unreadable input: `code` is for programs, the message for the one who typed the command. */
export class UsageError extends Error {
  readonly code: string
  readonly at: string | undefined

  constructor(code: string, message: string, at?: string) {
    super(message)
    this.code = code
    this.at = at
  }
}

export function print(answer: Answer, json: boolean): ExitCode {
  if (answer.isWritten !== true) process.stdout.write(json ? `${JSON.stringify(answer.json)}\n` : `${answer.text}\n`)
  return answer.exitCode
}

export function printError(error: unknown, json: boolean): ExitCode {
  const { code, message, at } = describe(error)
  for (const line of message.split('\n')) process.stderr.write(`fiducia: ${line}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ error: at === undefined ? { code, message } : { code, message, at } })}\n`)
  return 2
}

function describe(error: unknown): { readonly code: string; readonly message: string; readonly at?: string | undefined } {
  if (error instanceof UsageError || error instanceof InputError) return { code: error.code, message: error.message, at: error.at }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { code: error.code, message: error.message }
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : 'something that is no error was thrown' }
}
