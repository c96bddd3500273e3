export type { Genesis, GenesisMember, NetworkRules, TrustRecord } from '../../types.ts'
