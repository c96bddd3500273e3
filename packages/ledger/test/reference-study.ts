import type { World, Signers } from './reference.ts'

/** The rules of studies once more, for the oracle: over a plain map, in its own words. */
// biome-ignore lint/suspicious/noExplicitAny: documents are read as they come
type Any = any

interface Words {
  demand(holds: boolean, word: string): asserts holds
  has(object: Any, ...names: string[]): boolean
  isBytes32(value: unknown): boolean
  isCount(value: unknown, min?: number): boolean
}

const ORGANIZATION = /^[a-z0-9][a-z0-9.-]{0,39}$/

export function studyRules(words: Words): Readonly<Record<string, (world: World, body: Any, sign: Signers) => void>> {
  const { has, isBytes32, isCount } = words
  const demand: Words['demand'] = words.demand
  const isList = (value: Any) => Array.isArray(value) && value.length > 0 && value.length <= 200 && value.every((one: Any) => ORGANIZATION.test(one))
  const inOrder = (list: string[]) => [...new Set(list)].sort().join() === list.join()
  const groups = (world: World, list: string[]) => {
    const found = list.map((org) => world.get(`member/${org}`)?.group)
    return found.includes(undefined) ? 0 : new Set(found).size
  }
  const proposer = (world: World, body: Any, sign: Signers) => {
    const key = sign.node()
    const study = world.get(`study/${body.spec}`)
    demand(study !== undefined, 'unknown study')
    demand(study.by === key.org, 'proposer')
    return { study, key }
  }
  const openRun = (world: World, body: Any) => {
    const run = world.get(`run/${body.spec}/${body.run}`)
    demand(run !== undefined && run.outcome === null, 'open run')
    return run
  }
  const isRun = (body: Any) => isBytes32(body.spec) && isCount(body.run, 1)
  const isRound = (body: Any) => isRun(body) && isCount(body.round, 1) && body.round <= 10_000

  return {
    'study.propose'(world, body, sign) {
      demand(has(body, 'spec', 'sites') && isBytes32(body.spec) && isList(body.sites), 'body')
      const key = sign.node()
      demand(world.get(`study/${body.spec}`) === undefined, 'exists')
      demand(inOrder(body.sites) && groups(world, body.sites) >= 3, 'sites')
      sign.exactly([key.pub])
      world.set(`study/${body.spec}`, { by: key.org, at: world.time, sites: body.sites, runs: 0 })
    },
    'study.vote'(world, body, sign) {
      demand(has(body, 'spec', 'version', 'approves') && isBytes32(body.spec) && isCount(body.version, 1) && typeof body.approves === 'boolean', 'body')
      const key = sign.node()
      const study = world.get(`study/${body.spec}`)
      demand(study !== undefined && study.by !== key.org && study.sites.includes(key.org), 'voter')
      const place = `ballot/${body.spec}/${key.org}`
      demand(body.version === (world.get(place)?.version ?? 0) + 1, 'version')
      sign.exactly([key.pub])
      world.set(place, { version: body.version, approves: body.approves, at: world.time })
    },
    'run.open'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'roster') && isRun(body) && isList(body.roster), 'body')
      const { study, key } = proposer(world, body, sign)
      demand(body.run === study.runs + 1, 'number')
      demand(study.runs === 0 || world.get(`run/${body.spec}/${study.runs}`).outcome !== null, 'ended')
      const agrees = (org: string) => study.sites.includes(org) && (org === study.by || world.get(`ballot/${body.spec}/${org}`)?.approves === true)
      demand(inOrder(body.roster) && groups(world, body.roster) >= 3 && body.roster.every(agrees), 'roster')
      sign.exactly([key.pub])
      world.set(`study/${body.spec}`, { ...study, runs: body.run })
      world.set(`run/${body.spec}/${body.run}`, { at: world.time, roster: body.roster, rounds: 0, survivors: null, outcome: null })
    },
    'run.abort'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'reason') && isRun(body), 'body')
      demand(['withdrawal', 'policy', 'data', 'too-few', 'deviation'].includes(body.reason), 'reason')
      const key = sign.node()
      const run = openRun(world, body)
      demand(run.roster.includes(key.org) || world.get(`study/${body.spec}`).by === key.org, 'party')
      sign.exactly([key.pub])
      world.set(`run/${body.spec}/${body.run}`, { ...run, outcome: { state: 'aborted', at: world.time, by: key.org, reason: body.reason } })
    },
    'run.close'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'result', 'card', 'microEpsilon') && isRun(body) && isCount(body.microEpsilon), 'body')
      demand(isBytes32(body.result) && isBytes32(body.card), 'hashes')
      const { key } = proposer(world, body, sign)
      const run = openRun(world, body)
      demand(run.rounds > 0 && world.get(`round/${body.spec}/${body.run}/${run.rounds}`).survivors !== null, 'empty')
      sign.exactly([key.pub])
      const { result, card, microEpsilon } = body
      world.set(`run/${body.spec}/${body.run}`, { ...run, outcome: { state: 'closed', at: world.time, result, card, microEpsilon } })
    },
    'round.begin'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'round', 'model', 'terms') && isRound(body) && isBytes32(body.model) && isBytes32(body.terms), 'body')
      const { key } = proposer(world, body, sign)
      const run = openRun(world, body)
      demand(body.round === run.rounds + 1, 'number')
      demand(run.rounds === 0 || world.get(`round/${body.spec}/${body.run}/${run.rounds}`).survivors !== null, 'before')
      sign.exactly([key.pub])
      world.set(`run/${body.spec}/${body.run}`, { ...run, rounds: body.round })
      world.set(`round/${body.spec}/${body.run}/${body.round}`, { at: world.time, model: body.model, terms: body.terms, inputs: {}, survivors: null })
    },
    'round.input'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'round', 'transcript', 'commitment') && isRound(body) && isBytes32(body.transcript) && isBytes32(body.commitment), 'body')
      const key = sign.node()
      const run = openRun(world, body)
      demand(run.roster.includes(key.org), 'party')
      const place = `round/${body.spec}/${body.run}/${body.round}`
      const round = world.get(place)
      demand(round !== undefined && round.survivors === null && round.inputs[key.org] === undefined, 'round')
      for (const other of Object.values<Any>(round.inputs)) demand(other.transcript === body.transcript, 'transcript')
      sign.exactly([key.pub])
      world.set(place, { ...round, inputs: { ...round.inputs, [key.org]: { transcript: body.transcript, commitment: body.commitment } } })
    },
    'round.survivors'(world, body, sign) {
      demand(has(body, 'spec', 'run', 'round', 'survivors') && isRound(body) && isList(body.survivors), 'body')
      const { study, key } = proposer(world, body, sign)
      const run = openRun(world, body)
      const place = `round/${body.spec}/${body.run}/${body.round}`
      const round = world.get(place)
      demand(round !== undefined && round.survivors === null, 'round')
      demand(inOrder(body.survivors) && body.survivors.every((org: string) => round.inputs[org] !== undefined), 'inputs')
      demand(groups(world, body.survivors) >= 3 && body.survivors.length > (2 * run.roster.length) / 3, 'few')
      demand(run.survivors === null || run.survivors.join() === body.survivors.join(), 'same run')
      const sums: string[][] = [body.survivors]
      for (let i = 1; i <= study.runs; i += 1) {
        const other = world.get(`run/${body.spec}/${i}`).survivors
        if (other !== null) sums.push(other)
      }
      for (const org of sums.flat()) {
        const likeIt = sums.flat().filter((other) => sums.every((sum) => sum.includes(org) === sum.includes(other)))
        demand(groups(world, [...new Set(likeIt)]) >= 3, 'difference')
      }
      sign.exactly([key.pub])
      world.set(place, { ...round, survivors: body.survivors })
      world.set(`run/${body.spec}/${body.run}`, { ...run, survivors: body.survivors })
    },
  }
}
