import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One change of the sources: a text that must be there once, and what takes its place. */
export interface Edit {
  /** Below `gateway/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug in how money is counted, and the tests that must notice it. */
export interface Bug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The fewest test files that should catch it, below `gateway/test`. */
  readonly tests: readonly string[];
  /** Of these files the tests whose names match. */
  readonly only?: string;
}

/** What keeps an edit of a bug from being planted in a tree: the sources have moved on, and the bug must follow. */
export function problemsOf({ edits }: Bug, root: string): string[] {
  return edits.flatMap(({ file, find, replace }) => {
    const times = textOf(file, root).split(find).length - 1;
    if (times !== 1) return [`${file}: stands there ${times} times and not once: ${find}`];
    return find === replace ? [`${file}: changes nothing: ${find}`] : [];
  });
}

/** The sources of that file with the bug in it. Throws where an edit does not apply. */
export function planted(bug: Bug, root: string): ReadonlyMap<string, string> {
  const problems = problemsOf(bug, root);
  if (problems.length > 0) throw new Error(`“${bug.name}” cannot be planted:\n${problems.join("\n")}`);
  const texts = new Map<string, string>();
  for (const { file, find, replace } of bug.edits) {
    const text = texts.get(file) ?? textOf(file, root);
    // As a function, so that no `$` in it means anything.
    texts.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return texts;
}

export function sourcePath(file: string, root: string): string {
  return join(root, "gateway/src", file);
}

function textOf(file: string, root: string): string {
  try {
    return readFileSync(sourcePath(file, root), "utf8");
  } catch {
    return "";
  }
}
