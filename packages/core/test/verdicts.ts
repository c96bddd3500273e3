import { decodeHex, encodeUtf8 } from '../src/bytes.ts'
import { admitEd25519, selfTest, verifySignature } from '../src/ed25519.ts'

/** What is bundled for each platform whose verdicts are compared. */
export interface SignatureCase {
  readonly number: number
  readonly key: string
  readonly sig: string
  readonly msg: string
}

function isAdmitted(key: Uint8Array): boolean {
  try {
    admitEd25519(key)
    return true
  } catch {
    return false
  }
}

/** Numbers of the accepted cases, and the own self-test's complaints. */
export function verdicts(cases: readonly SignatureCase[]): { readonly accepted: readonly number[]; readonly selfTest: readonly string[] } {
  const accepted = cases.filter(({ key, sig, msg }) => isAdmitted(decodeHex(key)) && verifySignature(decodeHex(key), encodeUtf8(msg), decodeHex(sig)))
  return { accepted: accepted.map(({ number }) => number), selfTest: selfTest() }
}
