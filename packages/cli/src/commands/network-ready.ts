import { shape } from '@fiducia/core'
import { httpTransport } from '@fiducia/node'

/** Whether a node that was started is ready, in the words of its own `/health/ready`. */
export async function whyNotReady({
  org,
  url,
  ended,
}: {
  readonly org: string
  readonly url: string
  readonly ended: string | undefined
}): Promise<string | undefined> {
  if (ended !== undefined) return `${org} is not ready: it ended (${ended})`
  try {
    const answer = await httpTransport(`${url}/health/ready`)
    if (answer.status === 200) return undefined
    const health: unknown = JSON.parse(new TextDecoder().decode(answer.bytes))
    const says = (name: string) => (shape.isObject(health) ? health[name] : undefined)
    const reasons = [
      ...(says('fresh') === true ? [] : ['no quorum has cosigned a checkpoint freshly']),
      ...(says('siloReachable') === false ? ['its FHIR server does not answer'] : []),
    ]
    return `${org} is not ready: ${reasons.join(', ') || `status ${answer.status}`}`
  } catch {
    return `${org} is not ready: \`${url}\` does not answer`
  }
}
