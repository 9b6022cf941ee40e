/** The look of every page below `/docs`: system fonts, light and dark. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e6e9ee);
  --soft: light-dark(#555d68, #a5adba);
  --paper: light-dark(#ffffff, #14171c);
  --raised: light-dark(#f4f6f8, #1d2128);
  --line: light-dark(#dde1e6, #323842);
  --link: light-dark(#0b57b7, #86b8ff);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.6 system-ui, sans-serif; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: 0.5rem 1rem; background: var(--paper); }
.skip:focus { top: 0.5rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 2rem; align-items: baseline; padding: 1rem 1.5rem; border-bottom: 1px solid var(--line); }
header nav a { margin-right: 1rem; }
.brand { margin: 0; font-weight: 700; }
.brand a { color: inherit; text-decoration: none; }
.columns { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto; }
.columns.single { grid-template-columns: minmax(0, 1fr); max-width: 50rem; }
aside { padding: 1.5rem; font-size: 0.9rem; }
aside nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
aside h2 { margin: 1rem 0 0.25rem; font-size: 0.8rem; color: var(--soft); }
aside ul { margin: 0; padding: 0; list-style: none; }
aside li { padding: 0.1rem 0; }
main { padding: 1.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.4rem; }
main.prose h2 { margin-top: 2rem; }
article { margin: 2rem 0; padding-top: 1.5rem; border-top: 1px solid var(--line); }
h3 { margin: 0 0 0.25rem; font-size: 1.05rem; overflow-wrap: anywhere; }
h3 code { background: none; padding: 0; font-size: 1rem; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { margin: 1.25rem 0 0.25rem; font-size: 0.95rem; }
p { margin: 0.5rem 0; max-width: 46rem; }
.method { display: inline-block; min-width: 4.2em; padding: 0 0.4em; border: 1px solid var(--line); border-radius: 4px; background: var(--raised); font: 600 0.8rem/1.6 ui-monospace, monospace; text-align: center; }
.soft { color: var(--soft); }
code, pre { font-family: ui-monospace, "Cascadia Code", Menlo, monospace; font-size: 0.875em; }
code { padding: 0.1em 0.3em; border-radius: 4px; background: var(--raised); overflow-wrap: anywhere; }
pre { margin: 0.5rem 0; padding: 0.75rem 1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); }
pre code { padding: 0; background: none; overflow-wrap: normal; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; font-weight: 600; font-size: 0.95rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
th code { overflow-wrap: normal; }
td:last-child { min-width: 12rem; }
dt { font-weight: 600; margin-top: 0.75rem; }
dd { margin: 0; }
@media (max-width: 52rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  aside nav { position: static; max-height: none; }
}
`;
