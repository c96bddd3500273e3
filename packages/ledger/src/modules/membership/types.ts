export type { GenesisMember, MemberRecord, NetworkDefault, NetworkRules, TrustRecord } from '../../types.ts'
