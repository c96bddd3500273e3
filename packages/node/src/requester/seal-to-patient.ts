import { bech32 } from '@scure/base'
import { Encrypter } from 'age-encryption'
import { encodeBase64Url } from '@fiducia/core'

/**
 * The requester's copy for the patient, encrypted to the `seal` key in the relationship's head (age, X25519 recipient):
 * the requester keeps it, only the patient's wallet opens it.
 */
export async function sealToPatient(sealKey: Uint8Array, plain: Uint8Array): Promise<string> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(bech32.encodeFromBytes('age', sealKey))
  return encodeBase64Url(await encrypter.encrypt(plain))
}
