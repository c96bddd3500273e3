import { ed25519PublicKey, encodeBase64Url, encodeUtf8, type OrganizationId, parseGroupId, parseNetworkId, parseOrganizationId, sha256 } from '@fiducia/core'
import { apply, assembleTransaction, bindOf, type Genesis, type GenesisMember, initialState, type LedgerState, signTransactionPart } from '@fiducia/ledger'
import { createWallet, openRelationship, type Opening, type WalletPorts, type WalletState } from '../src/index.ts'

/** Two organizations, a ledger without an engine and a patient, for the tests of this package. All deterministic. */

export const bytes = (label: string): Uint8Array => sha256(encodeUtf8(`fiducia client test ${label}`))
export const net = parseNetworkId('test')
export const [alpha, beta] = [parseOrganizationId('alpha'), parseOrganizationId('beta')]
export const NOW = Date.UTC(2026, 0, 15, 12)

const memberOf = (org: OrganizationId): GenesisMember => ({
  name: org,
  group: parseGroupId(`group-${org}`),
  endpoint: `http://${org}.test`,
  keys: (['node', 'log', 'witness', ...(org === alpha ? (['ledger'] as const) : [])] as const).map((role) => ({
    role,
    alg: 'ed25519' as const,
    pub: encodeBase64Url(ed25519PublicKey(bytes(`${org} ${role}`))),
  })),
})

const genesis: Genesis = {
  v: 1,
  net,
  time: NOW - 1000,
  operator: alpha,
  members: { [alpha]: memberOf(alpha), [beta]: memberOf(beta) },
  rules: { default: 'normal-treatment', freshSeconds: 60 },
}

/** Random bytes that repeat in every run. */
export function ports(label = 'ports'): WalletPorts {
  let counter = 0
  return {
    now: () => NOW,
    random: (length) => {
      counter += 1
      return new Uint8Array([...bytes(`${label} ${counter}`), ...bytes(`${label} ${counter} more`)]).subarray(0, length)
    },
  }
}

export interface Desk {
  readonly state: LedgerState
  /** Applies one transaction as a block of its own; throws with the code when it is refused. */
  submit(wire: Uint8Array): void
}

export function openLedger(): { readonly desk: Desk } {
  let state = initialState(genesis)
  return {
    desk: {
      get state() {
        return state
      },
      submit(wire) {
        const block = apply(state, { height: state.height + 1, time: NOW, transactions: [wire] })
        const [result] = block.results
        if (result?.accepted !== true) throw new Error(result?.code ?? 'no result')
        state = block.state
      },
    },
  }
}

export const emptyWallet = (): WalletState => createWallet(net, bytes('seed'))

/** Opens a relationship with alpha, both sides signing. */
export function openWith(desk: Desk, wallet: WalletState, walletPorts: WalletPorts): Opening {
  const bind = bindOf(bytes('bind salt'), { method: 'desk', record: 'Patient/1' })
  const recovery = { m: 2, publicKeys: [bytes('phrase'), bytes('custodian'), bytes('desk')].map((seed) => ed25519PublicKey(seed)) }
  const opening = openRelationship(wallet, { org: alpha, bind, recovery }, walletPorts)
  desk.submit(assembleTransaction(opening.payload, [opening.controlSignature, signTransactionPart(opening.payload, bytes('alpha node'))]))
  return opening
}
