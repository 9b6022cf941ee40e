import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** How often one anchor's content may come back: the same line again and again must not fill the memory. */
const ALIASES_MAX = 100;

/** Where something stands in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a file, and where. */
export interface FileProblem extends Place {
  /** A sentence without its full stop. */
  readonly message: string;
}

/** A YAML document as plain values, which still knows where each of them stood. */
export interface ParsedYaml {
  readonly value: unknown;
  /** The place of a key or an entry; of the nearest thing around it that is there. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

/** Reads one YAML 1.2 document: JSON is YAML too. Gives the problems of a text that is none. */
export function parseYaml(text: string): ParsedYaml | { readonly problems: readonly FileProblem[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: "silent" });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    // An empty text has no lines.
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // A warning is a tag that nobody knows: what it means is anybody's guess.
  const problems = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...placeAt(pos[0]),
    message: `is not YAML: ${message}`,
  }));
  if (problems.length > 0) return { problems };
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { value, placeOf: (path) => placeAt(offsetOf(document, path)) };
  } catch (error) {
    return { problems: [{ line: 1, column: 1, message: `is not YAML: ${String(error)}` }] };
  }
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) break;
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  const { range } = node;
  const [start]: unknown[] = Array.isArray(range) ? range : [];
  return typeof start === "number" ? start : undefined;
}
