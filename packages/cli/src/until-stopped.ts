/** A terminal sends Ctrl-C to every process of the command, and a launcher hands it on: one press may arrive twice within this time. */
const ONE_PRESS_MS = 500

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        const now = performance.now()
        if (first !== undefined && now - first > ONE_PRESS_MS) process.exit(130)
        first ??= now
        resolve()
      })
    }
  })
}

/** The same for a process that another one of the command started: it ends with its starter, however that ends. */
export function untilStoppedOrAlone(): Promise<void> {
  return Promise.race([untilStopped(), new Promise<void>((resolve) => void process.once('disconnect', resolve))])
}
