import type { OrganizationId, SignedObject } from '@fiducia/core'
import type { Received, Transport } from '@fiducia/node'
import { whileReplacing } from './replacing.ts'
import { BIRCH, OBSERVATIONS, outcomeOf, type Scene } from './scene.ts'

/** Birch's doctor asks a holder for observations, by a link of one's choice. */
export function askBy({ stage }: Scene, holder: OrganizationId, link: SignedObject | undefined): Promise<Received> {
  const { clinician, clock, network } = stage
  const { identifier, opening, rand32 } = clinician
  return network.node(BIRCH.org).services.exchange.ask({
    holder,
    link,
    practitioner: { identifier, role: { opening, rand32 }, acr: 'urn:acr', authTime: Math.floor(clock.now() / 1000) - 600 },
    purpose: 'TREAT',
    interaction: OBSERVATIONS,
  })
}

/** The status with which the holder answered, whatever Birch made of it: 200 means that data left. */
export async function statusLeft(scene: Scene, holder: OrganizationId, link: SignedObject | undefined): Promise<number> {
  const { context } = scene.stage.network.node(BIRCH.org).services
  const honest = context.transport
  let status = 0
  const watching: Transport = async (url, message) => {
    const answer = await honest(url, message)
    if (url.includes('/fhir/')) ({ status } = answer)
    return answer
  }
  await whileReplacing(context, 'transport', watching, () => outcomeOf(() => askBy(scene, holder, link)))
  return status
}
