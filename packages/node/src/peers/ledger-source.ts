import type { LedgerSource } from '@fiducia/engine'
import { fetchBytes, fetchText, type Transport } from './transport.ts'

/** The operator's ledger over HTTP: genesis, newest signed checkpoint, tiles. Nothing is believed before the follower has replayed it. */
export function ledgerSourceOf(operatorUrl: string, transport: Transport): LedgerSource {
  return {
    checkpoint: () => fetchText(transport, `${operatorUrl}/ledger/tip`),
    tile: (path) => fetchBytes(transport, `${operatorUrl}/ledger/tile/${path}`),
    async genesis() {
      const bytes = await fetchBytes(transport, `${operatorUrl}/ledger/genesis`)
      if (bytes === undefined) throw new Error('the operator serves no genesis')
      return bytes
    },
  }
}
