/** What `npm run check` compares and `npm run format` writes. */
export const FORMATTED: readonly string[] = [
  "{gateway,scripts,bench,examples,ui}/**/*.{ts,tsx,mjs,css}",
  "*.json",
  ".oxlintrc.json",
  "gateway/package.json",
];

/** Bun's formatter on these patterns; it stays within bunfig.toml's `[fmt]`. */
export function formatCommand(flags: readonly string[]): string[] {
  return [process.execPath, "fmt", "--no-script", ...flags, ...FORMATTED];
}
