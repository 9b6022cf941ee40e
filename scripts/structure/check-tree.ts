import { boundaries } from "./boundaries.ts";
import type { Breach } from "./breach.ts";
import { codes, codesOf, money, queries, streams } from "./domain.ts";
import type { Exception } from "./exceptions.ts";
import { layers, pure, ui } from "./layers.ts";
import { barrels, names, sizes, state, tests } from "./shape.ts";
import { parse } from "./syntax.ts";
import { sourceOf } from "./tree.ts";
import type { Rule, Tree } from "./tree.ts";

/** Every rule, in the order of the reports. */
export const RULES: readonly Rule[] = [
  layers,
  pure,
  ...boundaries,
  money,
  codes,
  queries,
  streams,
  sizes,
  names,
  barrels,
  state,
  tests,
  ui,
];

/**
 * Checks a tree of sources, given as relative path (with `/`) to text. Touches no file. Exceptions that excuse
 * nothing are breaches of the rule `exceptions`.
 */
export async function checkTree(
  files: ReadonlyMap<string, string>,
  exceptions: readonly Exception[],
): Promise<Breach[]> {
  const parsed = await parse(files);
  const tree: Tree = {
    sources: [...parsed].map(([path, syntax]) => sourceOf(path, syntax)),
    codes: codesOf(parsed.get("gateway/src/errors.ts")),
  };
  const breaches: Breach[] = [];
  const used = new Set<Exception>();
  for (const source of tree.sources) {
    for (const rule of RULES) {
      for (const { at, message, subject } of rule.check(source, tree)) {
        const exception = exceptions.find(
          (entry) =>
            entry.rule === rule.name &&
            entry.file === source.path &&
            (entry.subject === undefined || entry.subject === subject),
        );
        if (exception !== undefined) {
          used.add(exception);
          continue;
        }
        const line = source.syntax.getLineAndCharacterOfPosition(at).line + 1;
        breaches.push({ file: source.path, line, rule: rule.name, message });
      }
    }
  }
  for (const { rule, file } of exceptions.filter((entry) => !used.has(entry))) {
    breaches.push({
      file,
      line: 1,
      rule: "exceptions",
      message: `the exception from ${rule} excuses nothing: remove it`,
    });
  }
  return breaches;
}
