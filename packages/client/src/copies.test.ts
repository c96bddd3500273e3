import { decodeBase64Url, encodeUtf8, InputError } from '@fiducia/core'
import { bech32 } from '@scure/base'
import { Encrypter } from 'age-encryption'
import { describe, expect, it } from 'vitest'
import { emptyWallet, openLedger, openWith, ports } from '../test/clinic.ts'
import { writeLogbook } from '../test/logbook.ts'
import { keysOf, openRequesterCopy, relationshipOf, rotateKeys } from './index.ts'

describe('the requesters’ copies', () => {
  const { desk } = openLedger()
  const { wallet, handle, secret } = openWith(desk, emptyWallet(), ports())
  const [receipt] = writeLogbook(desk.state, { handle, secret }, [
    { released: ['Observation/1/_history/1'], withheld: [], versions: [1], rules: 'labels-1' },
  ]).receipts
  const sealFor = async (sealPublicKey: string, plain: string) => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(bech32.encodeFromBytes('age', decodeBase64Url(sealPublicKey)))
    return encrypter.encrypt(encodeUtf8(plain))
  }

  it('open with the seal key of the epoch in which they were made, also after a rotation', async () => {
    const relationship = relationshipOf(wallet, handle)
    const sealed = await sealFor(keysOf(wallet, relationship).seal.pub, receipt ?? '')
    expect(await openRequesterCopy(wallet, relationship, sealed)).toBe(receipt)
    const rotated = rotateKeys(wallet, handle, ports())
    expect(await openRequesterCopy(rotated.wallet, relationshipOf(rotated.wallet, handle), sealed)).toBe(receipt)
  })

  it('are refused when they are not for this wallet, or no receipts', async () => {
    const relationship = relationshipOf(wallet, handle)
    const other = openWith(desk, emptyWallet(), ports('other'))
    const foreign = await sealFor(keysOf(other.wallet, relationshipOf(other.wallet, other.handle)).seal.pub, receipt ?? '')
    await expect(openRequesterCopy(wallet, relationship, foreign)).rejects.toBeInstanceOf(InputError)
    await expect(openRequesterCopy(wallet, relationship, new Uint8Array(10))).rejects.toBeInstanceOf(InputError)
    await expect(openRequesterCopy(wallet, relationship, await sealFor(keysOf(wallet, relationship).seal.pub, '{}'))).rejects.toBeInstanceOf(InputError)
  })
})
