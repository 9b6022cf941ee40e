import { posix } from "node:path";
import type { SourceFile } from "typescript/unstable/ast";
import type { Finding } from "./breach.ts";
import { globalUses, importsOf } from "./syntax.ts";
import type { GlobalUse, Import } from "./syntax.ts";

const GATEWAY = "gateway/src/";

/** A parsed file with what several rules ask about it. */
export interface Source {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly syntax: SourceFile;
  readonly imports: readonly Import[];
  readonly globals: readonly GlobalUse[];
  /** For the gateway's own sources: the folder below `gateway/src`, or the file's name there. */
  readonly layer?: string;
  /** Whether it is part of a test suite: a test, its fakes or its harness. */
  readonly isTest: boolean;
}

/** All that is checked together. */
export interface Tree {
  readonly sources: readonly Source[];
  /** The error codes of `errors.ts`. */
  readonly codes: ReadonlySet<string>;
}

/** One rule: its name, and what it finds in one file. */
export interface Rule {
  readonly name: string;
  check(source: Source, tree: Tree): Iterable<Finding>;
}

/** Looks once at what the rules share. */
export function sourceOf(path: string, syntax: SourceFile): Source {
  const layer = layerOf(path);
  return {
    path,
    text: syntax.text,
    syntax,
    imports: importsOf(syntax),
    globals: globalUses(syntax),
    isTest: /(^|\/)test\//.test(path) || isTestFile(path),
    ...(layer !== undefined && { layer }),
  };
}

/** Whether `bun test` runs it. */
export function isTestFile(path: string): boolean {
  return /\.test\.[cm]?[jt]sx?$/.test(path);
}

/** The layer a path of the repository belongs to. */
export function layerOf(path: string): string | undefined {
  if (!path.startsWith(GATEWAY)) return undefined;
  return path.slice(GATEWAY.length).split("/")[0]?.replace(/\.ts$/, "");
}

/** The path in the repository that a relative specifier means; undefined for packages. */
export function resolved(source: Source, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(source.path), specifier) : undefined;
}
