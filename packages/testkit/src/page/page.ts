import type { BundleFiles, Verification } from '@fiducia/proofs'
import type { StoryStep } from '../story/narrator.ts'
import { Html, html } from './html.ts'
import { STYLE } from './style.ts'

/** The page of the demo: what this is, who is in it, the story's steps, and every proof with its checks. */

export interface NodeLine {
  readonly name: string
  readonly url: string
  readonly height: number
  readonly fresh: boolean
}

export interface ProofLine {
  readonly name: string
  readonly valid: boolean
  readonly kind: string
}

function frame(title: string, body: Html): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${new Html(STYLE)}</style></head><body><main>${body}</main></body></html>`
    .text
}

const state = (ok: boolean, yes: string, no: string): Html => (ok ? html`<span class="ok">✓ ${yes}</span>` : html`<span class="failed">✗ ${no}</span>`)

export function renderStory(steps: readonly StoryStep[], nodes: readonly NodeLine[], proofs: readonly ProofLine[]): string {
  return frame(
    'Fiducia',
    html`<h1>Health records that move only by the patient’s rules, and leave proof.</h1>
<p>Four organizations, one network, on this machine. All people are synthetic. Each organization runs one node over its own FHIR server; a shared ledger orders consents and attestations; anybody can check afterwards what happened.</p>
<h2>The story, as it was told on this network</h2>
<ol class="steps">${steps.map(renderStep)}</ol>
<h2>The nodes</h2>
<table><thead><tr><th>Organization</th><th>Node</th><th>Ledger</th></tr></thead><tbody>${nodes.map(
      ({ name, url, height, fresh }) =>
        html`<tr><td>${name}</td><td><a href="${url}/health/ready">${url}</a> · <a href="${url}/openapi.json">API</a> · <a href="${url}/ledger/checkpoint">checkpoint</a></td><td>block ${height}, ${state(fresh, 'cosigned', 'not fresh')}</td></tr>`,
    )}</tbody></table>
<h2>Check a proof yourself</h2>
<p>Do not believe this page: <a href="/verify.html">open the verifier</a>, one file that works without a network; better, <a href="/verify.html" download>download it</a> and compare its SHA-256 with the one in CHANGELOG.md. Give it <a href="/trust.policy" download>trust.policy</a>, the logs and witnesses to believe and how many of them must agree, and any proof below. Then change one byte of a file and look again.</p>
<p>Each proof is a folder of files in standard formats, checked here by the same code as <code>npx fiducia verify FOLDER --trust trust.policy</code>.</p>
<table><thead><tr><th>Proof</th><th>Kind</th><th>Checked just now</th></tr></thead><tbody>${proofs.map(
      ({ name, kind, valid }) =>
        html`<tr><td><a href="/proofs/${name}">${name}</a> · <a href="/proofs/${name}.zip" download aria-label="${name} as a zip archive">.zip</a></td><td>${kind}</td><td>${state(valid, 'every check holds', 'a check failed')}</td></tr>`,
    )}</tbody></table>`,
  )
}

function renderStep({ ok, detail, proof, ms, name }: StoryStep, i: number): Html {
  const link = proof === undefined ? html`` : html` · <a href="/${proof}">see the proof</a>`
  return html`<li id="${name}"><div class="meta">Step ${i + 1}</div><div>${detail}</div><div class="meta">${state(ok, 'as it should be', 'failed')} · ${ms} ms${link}</div></li>`
}

export function renderProof(name: string, files: BundleFiles, verification: Verification): string {
  const list = (sentences: readonly string[]) => html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
  return frame(
    `${name} · Fiducia`,
    html`<p><a href="/">← the story</a></p><h1>${name}</h1><p>${state(verification.valid, 'Valid', 'Not valid')}: a bundle of kind <code>${verification.kind}</code>.</p>
<h2>Checks</h2><table class="checks"><tbody>${verification.checks.map((check) => html`<tr><td>${state(check.ok, 'ok', 'failed')}</td><td><code>${check.name}</code></td><td>${check.detail}</td></tr>`)}</tbody></table>
<h2>What it proves</h2>${list(verification.proves)}<h2>What it does not prove</h2>${list(verification.doesNotProve)}
<h2>Check it yourself</h2><p><a href="/proofs/${name}.zip" download>${name}.zip</a> and <a href="/trust.policy" download>trust.policy</a>, in <a href="/verify.html">the verifier</a>.</p>
<h2>Files</h2><ul>${[...files].map(([file, bytes]) => html`<li><a href="/proofs/${name}/${file}"><code>${file}</code></a> <span class="meta">${bytes.length} bytes</span></li>`)}</ul>`,
  )
}

export const renderMissing = (): string => frame('Not found · Fiducia', html`<p><a href="/">← the story</a></p><h1>There is nothing here.</h1>`)
