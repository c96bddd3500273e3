import pino, { type Logger } from 'pino'

/**
 * Structured logs without patient data: routes, codes, sizes and organizations only. What could carry a name or an
 * identifier is never logged, so nothing has to be redacted later.
 */
export type { Logger } from 'pino'

export const createLogger = (name: string, destination: string | number = 2): Logger =>
  pino({ name, level: 'info', base: { node: name } }, pino.destination({ dest: destination, sync: false }))

export const silentLogger: Logger = pino({ level: 'silent' })
