const STYLE = `
:root { color-scheme: light; }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; background: #fff; color: #1b1b1b; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
a { color: #0b4fa8; }
a:focus-visible, .wide:focus-visible { outline: 3px solid #0b4fa8; outline-offset: 2px; }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: 10rem 1fr; gap: 1rem; padding: 0.25rem 0; }
dt, .label { color: #4a4a4a; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; margin: 1.5rem 0 0; padding: 0; }
.notes { border-left: 4px solid #8a5a00; margin-top: 1rem; padding-left: 1rem; }
.notes h2 { font-size: 1rem; margin: 0; }
.notes ul { margin: 0; padding-left: 1.25rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; min-width: 56rem; table-layout: fixed; width: 100%; }
caption { color: #4a4a4a; padding: 0.25rem 0; text-align: left; }
th, td { border: 1px solid #8c8c8c; overflow-wrap: anywhere; padding: 0.375rem 0.5rem; text-align: start; vertical-align: top; white-space: pre-line; }
th { font-weight: normal; }
thead th { background: #ececec; font-weight: bold; }
.name { font-weight: bold; }
@media print {
  @page { size: A4 landscape; margin: 15mm; }
  body { font-size: 10pt; margin: 0; max-width: none; padding: 0; }
  nav { display: none; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; min-width: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  a { color: inherit; }
}
`;

/** The style sheet, with the widths that columns have. */
export const styleFor = (shares: readonly number[]): string =>
  [STYLE, ...[...new Set(shares)].map((share) => `.w${share} { width: ${share}%; }\n`)].join('');
