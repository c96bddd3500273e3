import type { Change, Preview } from '../preview.ts'
import { type Speaker, sentence, speakerOf, type Voice } from './render.ts'

/** What a change would do, in a few sentences: who loses, who gains, and whether that may be dangerous. */
export function describePreview({ lose, gain, safety }: Preview, voice: Voice = {}): readonly string[] {
  const speaker = speakerOf(voice)
  const { say } = speaker
  if (lose.people === 0 && gain.people === 0) return [say('preview.nothing'), ...(safety ? [say('preview.safety')] : [])]
  return [
    lose.people === 0 ? say('preview.nobody-loses') : sayChange(speaker, 'preview.loses', lose),
    gain.people === 0 ? say('preview.nobody-gains') : sayChange(speaker, 'preview.gains', gain),
    ...(safety ? [say('preview.safety')] : []),
  ]
}

function sayChange(speaker: Speaker, key: 'preview.loses' | 'preview.gains', { people, organizations, items }: Change): string {
  const who = speaker.say(organizations === 0 ? 'preview.people' : 'preview.people.at', { people, organizations })
  return sentence(speaker.say(key, { who, people, items }), speaker)
}
