export type { AddKey, Genesis, GenesisMember, NetworkRules, RetireKey, TrustRecord } from '../../types.ts'
