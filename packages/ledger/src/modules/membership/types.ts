export type { Genesis, GenesisMember, MemberRecord, NetworkDefault, NetworkRules, TrustRecord } from '../../types.ts'
