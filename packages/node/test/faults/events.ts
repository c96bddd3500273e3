import { decodeBase64Url, encodeBase64Url, formatCanonical, type Handle } from '@fiducia/core'
import { formatDisclosure } from '@fiducia/fhir'
import { blindOf, eventCom } from '@fiducia/proofs'
import type { EntryContent, EventPlace } from '../../src/access-log/access-log.ts'
import { alder, birch, seedOf, START, text32 } from '../fixture.ts'

/** An event as the gateway writes it, so that fsck can open it against its leaf. */
export const disclosureFor = (label: string, handle: Handle, holder: string = alder): string =>
  formatDisclosure({
    interaction: 'search',
    outcome: 'released',
    recorded: START,
    requester: birch,
    holder,
    practitioner: 'urn:test|doctor',
    purpose: 'TREAT',
    released: [],
    authzHash: text32(`${label} authorization`),
    responseDigest: text32(`${label} response`),
    mirrorKey: text32(`${label} mirror`),
    handle,
  })

export const eventFor =
  (label: string, handle: Handle) =>
  (place: EventPlace): EntryContent => {
    const disclosure = disclosureFor(label, handle)
    const decision = formatCanonical({ k: place.k, n: place.n, tag: encodeBase64Url(place.tag) })
    const [salt, salt2] = [text32(`${label} salt`), text32(`${label} salt2`)]
    return {
      com: eventCom(decodeBase64Url(salt), disclosure, blindOf(decodeBase64Url(salt2), decision)),
      content: formatCanonical({ disclosure, decision, salt, salt2, head: '' }),
      sealed: seedOf(`${label} sealed`),
    }
  }
