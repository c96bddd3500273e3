/** Everything that the verifier page says by itself, in English. What it says about a bundle comes from `@fiducia/proofs`, for the command line too. */
export const WORDS = {
  language: 'en',
  title: 'Check a proof · Fiducia',
  heading: 'Check a proof',
  about:
    'This page checks a Fiducia proof by itself, with nothing but the files that you choose. It loads nothing, sends nothing and keeps nothing: you can save it, disconnect, and use it then.',
  noScript: 'This page needs JavaScript, all of which is in this one file. Switch it on for this page, or use the command: fiducia verify.',

  trustHeading: '1. Whom do you believe?',
  trustAbout:
    'A trust file says which logs and witnesses count: a tlog-policy (trust.policy) or the genesis file of the network. Take it from somebody whom you trust, never from whoever gave you the proof. Without it nothing is valid.',
  trustLabel: 'Trust file',
  trustChosen: (name: string) => `Trust file: ${name}`,
  trustFingerprint: 'Its SHA-256. Compare it with the one you got on paper or by telephone from a member of the network:',

  bundleHeading: '2. What do you want to check?',
  bundleAbout:
    'A proof bundle as a .zip or as a folder, or its files one by one; or a single .tlog-proof with its .leaf, both at once. The answer comes below as soon as you have chosen.',
  filesLabel: 'A .zip, or several files',
  folderLabel: 'A folder',
  dropHint: 'You can also drop files or a folder here.',
  reset: 'Start over',

  answerHeading: '3. The answer',
  nothingYet: 'Nothing has been checked so far.',
  checking: 'Checking …',
  valid: 'Valid',
  validAbout: (checks: number) => `All ${checks} checks hold.`,
  notValid: 'Not valid',
  notValidAbout: (failed: number, checks: number) => `${failed} of the ${checks} checks that were made failed. Checks that rest on a failed one are not made.`,
  firstFailed: 'Does not hold:',
  notReached: 'The checks that hold are not enough for a bundle of this kind.',
  noTrust: 'You have not said whom you believe, so nothing can be valid. Choose a trust file above.',
  cannotBeRead: 'Cannot be read',
  cannotBeReadAbout: 'This says nothing about what it should prove.',
  whichFile: (at: string) => `In: ${at}`,
  browserUnfit: 'This browser judges signatures otherwise than the network does. Use another one, or the command: fiducia verify.',

  factKind: 'Kind',
  factChecked: 'Checked',
  factTrust: 'Trust',
  factTrustAge: 'Age of the trust',
  noTrustFile: 'none',
  folderNamed: (name: string) => `folder ${name}`,
  filesNamed: (names: readonly string[]) => (names.length > 3 ? `${names.length} files` : names.join(', ')),
  kinds: {
    'consent-state': 'the state of a consent (consent-state)',
    access: 'one access to a record (access)',
    completeness: 'the complete list of accesses at one organization (completeness)',
    attestation: 'what a group attests about a role (attestation)',
    entry: 'one request that named no relationship (entry)',
    fraud: 'proof that somebody broke the rules (fraud)',
    'tlog-proof': 'one entry of a log (tlog-proof)',
    unknown: 'none that this page knows',
  },

  checksHeading: 'Checks',
  holds: 'holds',
  failed: 'failed',
  copyJson: 'Copy as JSON',
  copyText: 'Copy as text',
  copied: 'Copied.',
  notCopied: 'The browser did not allow copying; select the text under “The answer as JSON”.',
  saidDifferently: 'For other programs and for your records',
  showJson: 'The answer as JSON, the same as fiducia verify --json',

  footer: 'Is this page the real one? Compare the SHA-256 of the saved file with the one in the release notes (CHANGELOG.md), before you open it.',
} as const
