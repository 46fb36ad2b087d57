/** The page's looks: nothing is fetched, and light or dark is the reader's choice. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --shade: #f6f8fa; --accent: #0b5cad; --warn: #8a4b00;
  --series-1: #0b5cad; --series-2: #b4461a; --series-3: #1a7f4b; --series-4: #8250c4; --series-5: #7a6400; --series-6: #b0307a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1419; --ink: #e6edf3; --faint: #9da7b1; --line: #3a424c; --shade: #1a2028; --accent: #79b8ff; --warn: #ffb86b;
    --series-1: #79b8ff; --series-2: #ff9c6e; --series-3: #63d297; --series-4: #c9a6ff; --series-5: #e3c94d; --series-6: #ff8ac2;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; }
.faint, figcaption, caption { color: var(--faint); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
.figures li { background: var(--shade); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; min-width: 8.5rem; }
.figures strong { display: block; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.warning { border-left: 4px solid var(--warn); background: var(--shade); padding: .6rem .9rem; margin: 1rem 0; }
.warning strong { color: var(--warn); }
figure { margin: 1rem 0; }
figure svg { max-width: 100%; height: auto; }
.pair { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.pair figure { flex: 1 1 20rem; }
figcaption, caption { font-size: .9rem; text-align: left; padding: .25rem 0; }
.scrolls { overflow-x: auto; margin: .75rem 0; }
.scrolls:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; min-width: min(26rem, 100%); font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th[scope="row"], thead th:first-child { text-align: left; font-weight: 500; overflow-wrap: anywhere; min-width: 7rem; }
thead th { font-weight: 600; }
td.text, th.text { text-align: left; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; overflow-x: auto; font-size: .9rem; }
footer { margin-top: 3rem; color: var(--faint); font-size: .9rem; }
@media print { body { max-width: none; } figure, table { break-inside: avoid; } }
`;
