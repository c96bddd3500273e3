/** One part of a node behaves differently while `work` runs. */
export async function whileReplacing<Part extends object, Name extends keyof Part, T>(
  part: Part,
  name: Name,
  lie: Part[Name],
  work: () => Promise<T>,
): Promise<T> {
  const honest = part[name]
  part[name] = lie
  try {
    return await work()
  } finally {
    part[name] = honest
  }
}
