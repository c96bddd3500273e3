import type { OrganizationId, SignedObject } from '@fiducia/core'
import type { AccessQuestion, Received, Transport } from '@fiducia/node'
import { whileReplacing } from './replacing.ts'
import { BIRCH, OBSERVATIONS, outcomeOf, type Scene } from './scene.ts'

/** Birch's doctor wants observations of a holder, by a link of one's choice. */
export function questionTo({ stage }: Scene, holder: OrganizationId, link: SignedObject | undefined): AccessQuestion {
  const { clinician, clock } = stage
  const { identifier, opening, rand32 } = clinician
  return {
    holder,
    link,
    practitioner: { identifier, role: { opening, rand32 }, acr: 'urn:acr', authTime: Math.floor(clock.now() / 1000) - 600 },
    purpose: 'TREAT',
    interaction: OBSERVATIONS,
  }
}

export const askBy = (scene: Scene, holder: OrganizationId, link: SignedObject | undefined): Promise<Received> =>
  scene.stage.network.node(BIRCH.org).services.exchange.ask(questionTo(scene, holder, link))

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
