/** A file that breaks a rule, and where. */
export interface Plant {
  readonly path: string;
  readonly text: string;
  readonly rules: readonly string[];
  /** From 1; 1 when absent. */
  readonly line?: number;
}

const lines = (count: number, line: string): string => `${line}\n`.repeat(count);
const SRC = "gateway/src";

/** Every rule, broken at least once. */
export const BREACHES: readonly Plant[] = [
  { rules: ["layers"], path: `${SRC}/base/up.ts`, text: 'import { x } from "../store/a.ts";\nx();\n' },
  {
    rules: ["layers"],
    path: `${SRC}/core/type.ts`,
    text: 'import type { X } from "../http/a.ts";\nexport type Y = X;\n',
  },
  { rules: ["layers"], path: `${SRC}/core/inline.ts`, text: 'export type Y = import("../http/a.ts").X;\n' },
  {
    rules: ["layers"],
    path: `${SRC}/admin/beside.ts`,
    text: 'import { x } from "../inference/a.ts";\nx();\n',
  },
  {
    rules: ["layers"],
    path: `${SRC}/dialects/beside.ts`,
    text: 'import { x } from "../providers/a.ts";\nx();\n',
  },
  {
    rules: ["layers"],
    path: `${SRC}/routing/beside.ts`,
    text: 'import { x } from "../access/a.ts";\nx();\n',
  },
  {
    rules: ["layers"],
    path: `${SRC}/store/late.ts`,
    text: 'export const x = () => import("../http/a.ts");\n',
  },
  { rules: ["layers"], path: `${SRC}/cli/out.ts`, text: 'import { x } from "../../test/a.ts";\nx();\n' },
  { rules: ["layers"], path: `${SRC}/stray/a.ts`, text: "export const a = 1;\n" },
  {
    rules: ["pure"],
    path: `${SRC}/pricing/files.ts`,
    text: 'import { join } from "node:path";\njoin("a");\n',
  },
  {
    rules: ["pure"],
    path: `${SRC}/limits/timer.ts`,
    text: "export const f = (g: () => void) => setTimeout(g, 1);\n",
  },
  { rules: ["pure"], path: `${SRC}/access/bun.ts`, text: "export const f = (a: string) => Bun.hash(a);\n" },
  {
    rules: ["pure"],
    path: `${SRC}/core/clock.ts`,
    text: 'import { systemClock } from "../base/clock.ts";\nsystemClock;\n',
  },
  { rules: ["environment"], path: `${SRC}/http/env.ts`, text: "export const a = process.env.HOME;\n" },
  {
    rules: ["environment"],
    path: `${SRC}/http/env-index.ts`,
    text: 'export const a = process["env"]["HOME"];\n',
  },
  { rules: ["environment"], path: `${SRC}/http/env-parts.ts`, text: "export const { env } = process;\n" },
  { rules: ["environment"], path: `${SRC}/store/env.ts`, text: "export const a = Bun.env.HOME;\n" },
  { rules: ["time"], path: `${SRC}/http/now.ts`, text: "export const f = () => Date.now();\n" },
  {
    rules: ["time"],
    path: `${SRC}/http/now-global.ts`,
    text: "export const f = () => globalThis.Date.now();\n",
  },
  { rules: ["time"], path: `${SRC}/store/date.ts`, text: "export const f = () => new Date();\n" },
  {
    rules: ["time", "pure"],
    path: `${SRC}/limits/now.ts`,
    text: "export const f = () => performance.now();\n",
  },
  { rules: ["ids"], path: `${SRC}/http/uuid.ts`, text: "export const f = () => crypto.randomUUID();\n" },
  { rules: ["ids"], path: `${SRC}/http/id.ts`, text: "export const f = (a: string) => `req_${a}`;\n" },
  { rules: ["random"], path: `${SRC}/routing/jitter.ts`, text: "export const f = () => Math.random();\n" },
  {
    rules: ["random"],
    path: `${SRC}/store/bytes.ts`,
    text: 'import { randomBytes } from "node:crypto";\nrandomBytes(1);\n',
  },
  { rules: ["network"], path: `${SRC}/jobs/call.ts`, text: 'export const f = () => fetch("http://a");\n' },
  { rules: ["network"], path: `${SRC}/jobs/pass.ts`, text: "export const f = { send: fetch };\n" },
  {
    rules: ["network"],
    path: `${SRC}/jobs/socket.ts`,
    text: 'import { connect } from "node:net";\nconnect(1);\n',
  },
  {
    rules: ["network"],
    path: `${SRC}/jobs/web.ts`,
    text: 'export const f = () => new WebSocket("ws://a");\n',
  },
  { rules: ["sql"], path: `${SRC}/http/sql.ts`, text: 'export const q = "select id from users";\n' },
  {
    rules: ["sql"],
    path: `${SRC}/http/hole.ts`,
    text: "export const q = (t: string) => `DELETE FROM ${t}`;\n",
  },
  { rules: ["sql"], path: `${SRC}/http/begin.ts`, text: 'export const q = "begin immediate";\n' },
  {
    rules: ["sql"],
    path: `${SRC}/jobs/kysely.ts`,
    text: 'import type { Kysely } from "kysely";\nexport type K = Kysely<object>;\n',
  },
  {
    rules: ["money"],
    path: `${SRC}/http/money.ts`,
    text: "export const f = (tokens: bigint, rate: bigint) => tokens * rate;\n",
  },
  {
    rules: ["money"],
    path: `${SRC}/store/money.ts`,
    text: "export const f = (r: { inputPrice: bigint }) => r.inputPrice * 2n;\n",
  },
  {
    rules: ["money"],
    path: `${SRC}/jobs/money.ts`,
    text: "export const f = (rates: bigint[]) => 2n * (rates[0] ?? 0n);\n",
  },
  { rules: ["codes"], path: `${SRC}/http/code.ts`, text: 'export const e = { code: "MADE_UP" };\n' },
  { rules: ["codes"], path: `${SRC}/routing/code.ts`, text: 'export const e = ["NOT_FOUND"];\n' },
  {
    rules: ["queries"],
    path: `${SRC}/store/bare.ts`,
    text: 'export function f(db: Db) {\n  db.deleteFrom("users").where("id", "=", 1);\n}\n',
    line: 2,
  },
  {
    rules: ["queries"],
    path: `${SRC}/store/awaited.ts`,
    text: 'export const f = async (db: Db) => ({ a: await db.selectFrom("users").selectAll() });\n',
  },
  {
    rules: ["queries"],
    path: `${SRC}/store/tagged.ts`,
    text: "export function f() {\n  sql`vacuum`;\n}\n",
    line: 2,
  },
  {
    rules: ["streams"],
    path: `${SRC}/http/direct.ts`,
    text: 'export const f = () => new ReadableStream({ type: "direct", pull() {} });\n',
  },
  { rules: ["sizes"], path: `${SRC}/http/long.ts`, text: lines(301, "// line") },
  {
    rules: ["sizes"],
    path: "gateway/test/http/long.test.ts",
    text: `test("a", () => {});\n${lines(500, "// line")}`,
  },
  {
    rules: ["sizes"],
    path: `${SRC}/http/long-function.ts`,
    text: `\nexport function f() {\n${lines(49, "  g();")}}\n`,
    line: 2,
  },
  {
    rules: ["sizes"],
    path: `${SRC}/http/long-method.ts`,
    text: `class A {\n  m() {\n${lines(49, "    g();")}  }\n}\n`,
    line: 2,
  },
  {
    rules: ["sizes"],
    path: `${SRC}/http/long-switch.ts`,
    text: `export function f(a: number) {\n  switch (a) {\n${lines(118, "    case 1:")}  }\n}\n`,
  },
  { rules: ["names"], path: `${SRC}/http/string-utils.ts`, text: "export const a = 1;\n" },
  { rules: ["names"], path: `${SRC}/http/pool.ts`, text: "export class PoolManager {}\n" },
  {
    rules: ["barrels"],
    path: `${SRC}/http/index.ts`,
    text: 'export { a } from "./a.ts";\nexport { b } from "./b.ts";\n',
  },
  { rules: ["barrels"], path: `${SRC}/http/star.ts`, text: 'export * from "./a.ts";\nexport const b = 1;\n' },
  { rules: ["state"], path: `${SRC}/http/count.ts`, text: "export let count = 0;\n" },
  {
    rules: ["state"],
    path: `${SRC}/http/cache.ts`,
    text: "export const cache = new Map<string, string>();\n",
  },
  { rules: ["tests"], path: "gateway/test/http/only.test.ts", text: 'test.only("a", () => {});\n' },
  {
    rules: ["tests"],
    path: "gateway/test/http/skip.test.ts",
    text: 'test("b", () => {});\ndescribe.skipIf(true)("a", () => {});\n',
    line: 2,
  },
  { rules: ["tests"], path: "gateway/test/http/exit.test.ts", text: 'test("a", () => process.exit(0));\n' },
  { rules: ["tests"], path: "gateway/test/http/empty.test.ts", text: "export {};\n" },
  {
    rules: ["ui"],
    path: "ui/src/lib/money.ts",
    text: 'import { a } from "../../../gateway/src/base/money.ts";\na();\n',
  },
  {
    rules: ["ui"],
    path: "ui/src/lib/package.ts",
    text: 'import { a } from "@scaigrid/gateway/src/base/money.ts";\na();\n',
  },
];

/** What looks like a breach and is none. */
export const CLEAN: readonly (readonly [path: string, text: string])[] = [
  [
    "gateway/src/base/clock.ts",
    "export const c = { now: () => Date.now(), tick: () => performance.now() };\n",
  ],
  [
    "gateway/src/base/ids.ts",
    "export const f = (a: string) => `req_${a}${crypto.randomUUID()}${Math.random()}`;\n",
  ],
  ["gateway/src/config/env.ts", "export const f = () => process.env;\n"],
  [
    "gateway/src/upstream/send.ts",
    'import { connect } from "node:net";\nexport const f = () => [connect(1), fetch("http://a")];\n',
  ],
  [
    "gateway/src/http/address.ts",
    'import { isIP } from "node:net";\nexport const f = (a: string) => isIP(a);\n',
  ],
  [
    "gateway/src/http/serve.ts",
    "export const f = () => Bun.serve({ async fetch() { return new Response(); } });\n",
  ],
  [
    "gateway/src/http/given.ts",
    "export const f = (fetch: () => void, deps: { fetch(): void }) => [fetch(), deps.fetch()];\n",
  ],
  ["gateway/src/http/date.ts", "export const f = (ms: number) => new Date(ms).toISOString();\n"],
  [
    "gateway/src/http/prose.ts",
    'export const a = ["Select a model from the list", "Update the price", "begin again"];\n',
  ],
  [
    "gateway/src/http/words.ts",
    "// fetch(process.env) select a from b\nexport const a = 'Date.now() and process.env';\n",
  ],
  [
    "gateway/src/http/sizes.ts",
    "export const f = (a: number, bytesPerToken: number) => a * bytesPerToken * a;\n",
  ],
  [
    "gateway/src/http/known.ts",
    'export const e = { code: "NOT_FOUND", other: "NOT_A_CODE", word: "code" };\n',
  ],
  ["gateway/src/http/refuse.ts", 'export const f = (e: { code: string }) => e.code === "ERR_SOME_DRIVER";\n'],
  ["gateway/src/http/table.ts", "const EMPTY: readonly string[] = [];\nexport const f = () => EMPTY;\n"],
  ["gateway/src/http/part.ts", 'export { a } from "./address.ts";\nexport const b = 1;\n'],
  ["gateway/src/http/type.ts", 'export const schema = { type: "direct" };\n'],
  [
    "gateway/src/http/machine.ts",
    `export function f(a: number) {\n  switch (a) {\n${lines(110, "    case 1:")}  }\n}\n`,
  ],
  [
    "gateway/src/pricing/charge.ts",
    'import { z } from "zod";\nexport const f = (tokens: bigint, rate: bigint) => [tokens * rate, z];\n',
  ],
  [
    "gateway/src/providers/catalogue.ts",
    'import { x } from "../dialects/a.ts";\nexport const f = () => x();\n',
  ],
  ["gateway/src/dialects/a.ts", "export const x = (log: { Bun: number }) => log.Bun;\n"],
  ["gateway/src/dialects/b/stream.ts", 'import type { x } from "../a.ts";\nexport type X = typeof x;\n'],
  [
    "gateway/src/store/users.ts",
    'import { sql } from "kysely";\nexport const q = [sql`select id from users`, "pragma journal_mode"];\n',
  ],
  [
    "gateway/src/store/run.ts",
    'export async function f(db: Db) {\n  await db.deleteFrom("a").execute();\n  const q = db.selectFrom("b").compile();\n  return q;\n}\n',
  ],
  ["gateway/src/main.ts", 'import { f } from "./http/given.ts";\nf(process.env.A, Math.random);\n'],
  [
    "gateway/test/http/a.test.ts",
    'describe("a", () => { test.each([1])("b", () => {}); });\nsetTimeout(() => fetch("http://a"), Date.now());\n',
  ],
  ["gateway/test/http/fakes.ts", lines(400, "// line")],
  ["ui/src/lib/api.ts", 'import type { A } from "../api/schema.d.ts";\nexport type B = A;\n'],
];
