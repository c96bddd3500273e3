import { parseBytes32, parseOrganizationId, shape } from '@fiducia/core'
import { MAX_MEMBERS, MAX_RUN_ROUNDS, MAX_STUDY_RUNS } from '../../limits.ts'
import type { AbortRun, BeginRound, CloseRun, InputRound, OpenRun, ProposeStudy, Survivors, VoteStudy } from './types.ts'
import { ABORT_REASONS } from './types.ts'

const { array, boolean, integer, literal, object } = shape

const spec = parseBytes32
const run = integer(1, MAX_STUDY_RUNS)
const round = integer(1, MAX_RUN_ROUNDS)
const organizations = array(parseOrganizationId, MAX_MEMBERS, 1)

export const parseProposeStudy: shape.Parser<ProposeStudy> = object({ spec, sites: organizations })

export const parseVoteStudy: shape.Parser<VoteStudy> = object({ spec, version: integer(1), approves: boolean })

export const parseOpenRun: shape.Parser<OpenRun> = object({ spec, run, roster: organizations })

export const parseAbortRun: shape.Parser<AbortRun> = object({ spec, run, reason: literal(...ABORT_REASONS) })

export const parseCloseRun: shape.Parser<CloseRun> = object({ spec, run, result: parseBytes32, card: parseBytes32, microEpsilon: integer(0) })

export const parseBeginRound: shape.Parser<BeginRound> = object({ spec, run, round, model: parseBytes32, terms: parseBytes32 })

export const parseInputRound: shape.Parser<InputRound> = object({ spec, run, round, transcript: parseBytes32, commitment: parseBytes32 })

export const parseSurvivors: shape.Parser<Survivors> = object({ spec, run, round, survivors: organizations })
