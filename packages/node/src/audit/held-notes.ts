import { parseReceipt, parseTlogProof } from '@fiducia/proofs'
import { textColumn } from '../store/columns.ts'
import type { Database } from '../store/database.ts'

/**
 * Every signed note that a node holds of logs that are not its own to change: what its witness cosigned, the cosigned heads of
 * the ledger, and the notes in the receipts that it got as a requester. An audit holds them against what is public.
 */
export function heldNotes(database: Database): readonly string[] {
  const kept = database
    .all('SELECT note FROM witnessed UNION SELECT note FROM cosigned_note UNION SELECT note FROM sealed_note UNION SELECT note FROM contradiction')
    .map((row) => textColumn(row, 'note'))
  const received = database.all('SELECT receipt FROM copy').map((row) => parseTlogProof(parseReceipt(textColumn(row, 'receipt')).proof).note)
  return [...new Set([...kept, ...received])]
}
