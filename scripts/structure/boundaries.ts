import * as is from "typescript/unstable/ast/is";
import type { Node } from "typescript/unstable/ast";
import type { Finding } from "./breach.ts";
import { descendants } from "./syntax.ts";
import type { GlobalUse, Import } from "./syntax.ts";
import type { Rule, Source } from "./tree.ts";

/** Something that only some places of the gateway may touch. */
interface Boundary {
  readonly name: string;
  /** Where it is allowed. */
  readonly inside: RegExp;
  readonly message: string;
  /** Globals by dotted name; those below them count too. */
  readonly globals?: readonly string[];
  /** Modules, and which of their names are allowed everywhere (`except`) or barred (`only`). */
  readonly modules?: readonly {
    readonly specifier: RegExp;
    readonly only?: readonly string[];
    readonly except?: readonly string[];
  }[];
  readonly alsoGlobal?: (use: GlobalUse) => boolean;
  readonly alsoNode?: (node: Node) => boolean;
}

/** Lower or upper case throughout: a sentence that begins with "Select" is no statement. */
const SQL_BEGINNINGS = [
  /select\s[\s\S]*\sfrom\s/,
  /(insert|replace)\s(or\s\w+\s)?into\s/,
  /update\s[\w".]+\sset\s/,
  /delete\sfrom\s/,
  /(create|drop|alter)\s(temp\w*\s|unique\s|or\sreplace\s)?(table|index|view|trigger|schema|database|sequence|function)\s/,
  /with\s(recursive\s)?[\w".]+(\s*\([^)]*\))?\sas\s/,
  /pragma\s\w/,
  /begin(\s(immediate|exclusive|deferred|transaction|isolation)|;|$)/,
  /(commit|rollback)(\s(transaction|to)|;|$)/,
  /(savepoint|release|attach|listen|notify)\s["'\w]+\s*(;|$)/,
  /(vacuum|truncate\s(table\s)?\w+|analyze)\s*(;|$)/,
];
const SQL = SQL_BEGINNINGS.flatMap(({ source }) => [
  new RegExp(`^\\s*${source}`),
  new RegExp(
    `^\\s*${source.replace(/(\\[a-zA-Z])|[a-z]/g, (letter, escape) => escape ?? letter.toUpperCase())}`,
  ),
]);

/** The prefixes of `base/ids.ts`, where an id is put together by hand. */
const ID_HEAD =
  /(^|[^\w])(req|evt|usage|audit|apikey|role|be|prov|model|route|sess|price|user|tenant|partner|node)_$/;

const BOUNDARIES: readonly Boundary[] = [
  {
    name: "environment",
    inside: /^gateway\/src\/(config\/|main\.ts$|main\/)/,
    message: "only config/ reads the environment",
    globals: ["process.env", "Bun.env", "import.meta.env"],
    modules: [{ specifier: /^(node:)?process$/ }, { specifier: /^bun$/, only: ["env"] }],
    alsoGlobal: ({ name }) => name === "process",
  },
  {
    name: "time",
    inside: /^gateway\/src\/base\/clock\.ts$/,
    message: "only base/clock.ts tells the time: take a Clock or a number",
    globals: ["Date.now", "performance.now", "performance.timeOrigin", "Bun.nanoseconds", "process.hrtime"],
    modules: [{ specifier: /^(node:)?perf_hooks$/, only: ["performance"] }],
    alsoGlobal: ({ name, argumentCount }) => name === "Date" && argumentCount === 0,
  },
  {
    name: "ids",
    inside: /^gateway\/src\/base\/ids\.ts$/,
    message: "only base/ids.ts makes ids",
    globals: ["crypto.randomUUID", "Bun.randomUUIDv7", "Bun.randomUUIDv5"],
    modules: [{ specifier: /^((node:)?crypto|bun)$/, only: ["randomUUID", "randomUUIDv7", "randomUUIDv5"] }],
    alsoNode: (node) => is.isTemplateHead(node) && ID_HEAD.test(node.text),
  },
  {
    name: "random",
    inside: /^gateway\/src\/(base\/|main\.ts$|main\/)/,
    message: "chance comes from base/ or as an argument",
    globals: ["Math.random", "crypto.getRandomValues"],
    modules: [
      {
        specifier: /^(node:)?crypto$/,
        only: ["randomBytes", "randomInt", "randomFill", "randomFillSync", "getRandomValues", "webcrypto"],
      },
    ],
  },
  {
    name: "network",
    inside: /^gateway\/src\/upstream\//,
    message: "only upstream/ opens outgoing connections",
    globals: ["fetch", "Bun.fetch", "Bun.connect", "Bun.udpSocket", "WebSocket", "EventSource"],
    modules: [
      { specifier: /^((node:)?(http|https|http2|tls|dgram|dns|dns\/promises)|undici|axios|node-fetch)$/ },
      { specifier: /^(node:)?net$/, except: ["isIP", "isIPv4", "isIPv6", "BlockList", "SocketAddress"] },
      { specifier: /^bun$/, only: ["fetch", "connect", "udpSocket"] },
    ],
  },
  {
    name: "sql",
    inside: /^gateway\/src\/(store|journal)\//,
    message: "only store/ and journal/ contain SQL",
    globals: ["Bun.SQL", "Bun.sql"],
    modules: [
      { specifier: /^(kysely(\/.*)?|bun:sqlite|node:sqlite|pg|postgres)$/ },
      { specifier: /^bun$/, only: ["SQL", "sql"] },
    ],
    alsoNode: (node) => isText(node) && SQL.some((beginning) => beginning.test(textOf(node))),
  },
];

/** One rule for each boundary. */
export const boundaries: readonly Rule[] = BOUNDARIES.map((boundary) => ({
  name: boundary.name,
  check: (source) => findings(boundary, source),
}));

function* findings(boundary: Boundary, source: Source): Generator<Finding> {
  if (source.layer === undefined || boundary.inside.test(source.path)) return;
  const { message } = boundary;
  for (const use of source.globals) {
    const isBarred = boundary.globals?.some((name) => use.name === name || use.name.startsWith(`${name}.`));
    if (isBarred === true || boundary.alsoGlobal?.(use) === true) {
      yield { at: use.node.getStart(), message: `${use.name}: ${message}` };
    }
  }
  for (const taken of source.imports) {
    if (takesBarred(boundary, taken))
      yield { at: taken.node.getStart(), message: `${taken.specifier}: ${message}` };
  }
  if (boundary.alsoNode === undefined) return;
  for (const node of descendants(source.syntax)) {
    if (boundary.alsoNode(node)) yield { at: node.getStart(), message };
  }
}

function takesBarred(boundary: Boundary, taken: Import): boolean {
  return (boundary.modules ?? []).some(({ specifier, only, except }) => {
    if (!specifier.test(taken.specifier)) return false;
    if (only !== undefined) return taken.names.some((name) => only.includes(name));
    if (except !== undefined) return taken.isWhole || taken.names.some((name) => !except.includes(name));
    return true;
  });
}

function isText(node: Node): boolean {
  return is.isStringLiteralLikeNode(node) || is.isTemplateHead(node);
}

/** The text of a literal; a template with its holes as `?`. */
function textOf(node: Node): string {
  if (is.isStringLiteralLikeNode(node)) return node.text;
  if (!is.isTemplateHead(node) || !is.isTemplateExpression(node.parent)) return "";
  return [node.text, ...node.parent.templateSpans.map((span) => span.literal.text)].join("hole");
}
