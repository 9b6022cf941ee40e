import { layerOf, resolved } from "./tree.ts";
import type { Rule, Source } from "./tree.ts";

/** From the lowest to the highest; layers that stand together do not import one another. */
const ORDER: readonly (readonly string[])[] = [
  ["base"],
  ["core"],
  ["errors"],
  ["telemetry"],
  ["dialects", "providers", "access", "routing", "limits", "escrow", "pricing"],
  ["config"],
  ["store"],
  ["journal"],
  ["snapshot"],
  ["upstream"],
  ["settlement"],
  ["inference", "admin", "jobs"],
  ["http"],
  ["cli"],
  ["main", "workers"],
];
/** What may be imported from beside: importer to imported. */
const BESIDE: ReadonlyMap<string, string> = new Map([["providers", "dialects"]]);

/** Layers without I/O, clock and chance. */
const PURE: ReadonlySet<string> = new Set([
  "core",
  "dialects",
  "providers",
  "access",
  "routing",
  "limits",
  "escrow",
  "pricing",
]);
const PURE_PACKAGES: ReadonlySet<string> = new Set(["zod"]);
/** What the lowest layer offers that is not pure. */
const IMPURE_NAMES: ReadonlySet<string> = new Set([
  "newId",
  "randomBase62",
  "randomHex",
  "randomSecretKey",
  "seal",
  "systemClock",
]);
const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  "Bun",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

function rankOf(layer: string): number {
  return ORDER.findIndex((row) => row.includes(layer));
}

function mayImport(from: string, to: string): boolean {
  return from === to || rankOf(to) < rankOf(from) || BESIDE.get(from) === to;
}

function whyNot(source: Source, from: string, specifier: string): string | undefined {
  const target = resolved(source, specifier);
  if (target === undefined) return specifier.startsWith("@scaigrid/") ? "import by relative path" : undefined;
  const to = layerOf(target);
  if (to === undefined) return `${from}/ imports ${target}, which is not part of the gateway's source`;
  if (rankOf(to) < 0) return `${from}/ imports the unknown layer ${to}/`;
  return mayImport(from, to) ? undefined : `${from}/ may not import ${to}/: import from lower layers only`;
}

/** Each layer imports from lower ones only; types count. */
export const layers: Rule = {
  name: "layers",
  *check(source) {
    const from = source.layer;
    if (from === undefined) return;
    if (rankOf(from) < 0) {
      yield { at: 0, message: `${from} is not a layer: put the file into one, or the layer into the order` };
      return;
    }
    for (const { specifier, node } of source.imports) {
      const message = whyNot(source, from, specifier);
      if (message !== undefined) yield { at: node.getStart(), message };
    }
  },
};

/** Pure layers touch nothing but their arguments. Time, chance and connections have rules of their own. */
export const pure: Rule = {
  name: "pure",
  *check(source) {
    const layer = source.layer;
    if (layer === undefined || !PURE.has(layer)) return;
    for (const { specifier, names, isType, node } of source.imports) {
      const at = node.getStart();
      if (resolved(source, specifier) === undefined && !PURE_PACKAGES.has(specifier)) {
        yield { at, message: `${layer}/ is pure and may not import ${specifier}` };
      }
      const impure = isType ? undefined : names.find((name) => IMPURE_NAMES.has(name));
      if (impure !== undefined)
        yield { at, message: `${layer}/ is pure: take what ${impure} gives as an argument` };
    }
    for (const { name, node } of source.globals) {
      const root = name.split(".")[0] ?? name;
      if (IMPURE_GLOBALS.has(root))
        yield { at: node.getStart(), message: `${layer}/ is pure and may not use ${name}` };
    }
  },
};

/** The admin interface knows the gateway by its HTTP API only. */
export const ui: Rule = {
  name: "ui",
  *check(source) {
    // Its tests start a gateway: they use what the gateway's own tests do.
    if (!source.path.startsWith("ui/") || source.isTest) return;
    for (const { specifier, node } of source.imports) {
      const target = resolved(source, specifier) ?? specifier;
      if (/^(gateway|@scaigrid\/gateway)(\/|$)/.test(target)) {
        yield {
          at: node.getStart(),
          message: "ui/ imports nothing from gateway/: use the types made from OpenAPI",
        };
      }
    }
  },
};
