import { decodeUtf8, InputError } from '@fiducia/core'
import { openSealedCopy, parseReceipt, type SealedContent } from '@fiducia/proofs'
import { bech32 } from '@scure/base'
import { Decrypter } from 'age-encryption'
import { keysOf, sealSecretsOf } from './wallet.ts'
import type { WalletRelationship, WalletState } from './wallet-state.ts'

/** The two copies of an access that a patient gets: the holder's, sealed with K, and the requester's, sealed to the `seal` key (age). */

/** Throws an `InputError` when the copy is not this relationship's. */
export const openHolderCopy = (wallet: WalletState, relationship: WalletRelationship, sealed: Uint8Array): SealedContent =>
  openSealedCopy(keysOf(wallet, relationship).secret, sealed)

/** The receipt's text. Tries the seal keys of all epochs, newest first; throws an `InputError` when none opens it. */
export async function openRequesterCopy(wallet: WalletState, relationship: WalletRelationship, sealed: Uint8Array): Promise<string> {
  const decrypter = new Decrypter()
  for (const secret of sealSecretsOf(wallet, relationship)) decrypter.addIdentity(bech32.encodeFromBytes('AGE-SECRET-KEY-', secret).toUpperCase())
  let receipt: string
  try {
    receipt = decodeUtf8(await decrypter.decrypt(sealed))
  } catch (cause) {
    throw new InputError('PROOF_FORMAT', 'the copy does not open with the keys of this relationship', { cause })
  }
  parseReceipt(receipt)
  return receipt
}
