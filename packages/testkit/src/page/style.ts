/** The page's own style: no script, no foreign resource, readable on a phone, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f8f7; --surface: #ffffff; --ink: #17242b; --muted: #4b5c64; --line: #d3dbd8; --brand: #0b5a5e; --link: #0b5394; --ok: #17653a; --danger: #a8201f }
@media (prefers-color-scheme: dark) { :root { --page: #0f181c; --surface: #162126; --ink: #e8efee; --muted: #a9bac0; --line: #2e3f46; --brand: #63c7c4; --link: #86bdf2; --ok: #7fd3a0; --danger: #ff9e97 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/24px 'Atkinson Hyperlegible Next', system-ui, sans-serif }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px 64px }
h1 { font-size: 32px; line-height: 40px; margin: 16px 0 8px }
h2 { font-size: 24px; line-height: 32px; margin: 32px 0 8px }
a { color: var(--link) }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
ol.steps { list-style: none; padding: 0; margin: 0 }
ol.steps > li { background: var(--surface); border: 1px solid var(--line); border-radius: 4px; padding: 16px; margin: 0 0 12px }
.meta { color: var(--muted); font-size: 14px; line-height: 20px }
.ok { color: var(--ok); font-weight: 600 }
.failed { color: var(--danger); font-weight: 600 }
table { border-collapse: collapse; width: 100%; background: var(--surface) }
th, td { text-align: left; vertical-align: top; padding: 8px; border: 1px solid var(--line); font-size: 14px; line-height: 20px; overflow-wrap: anywhere }
table.checks td:not(:last-child) { white-space: nowrap; overflow-wrap: normal; width: 1% }
code { font: 13px/20px ui-monospace, monospace; overflow-wrap: anywhere }
pre { background: var(--surface); border: 1px solid var(--line); padding: 12px; overflow-x: auto; font: 13px/20px ui-monospace, monospace }
`
