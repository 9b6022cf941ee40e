import { beforeAll, expect, test } from "bun:test";
import type { Started } from "../api/started.ts";
import { serveBackend } from "../backends/provider-server.ts";
import { textOf } from "../fakes/answers.ts";
import { NATIVE_FORMATS } from "../fakes/every-format.ts";
import type { NativeFormat } from "../fakes/native-formats.ts";
import { pickText } from "../harness/json.ts";
import type { Case, Fault, FaultGroup } from "./catalogue/fault.ts";
import { call, writtenAbout } from "./observe.ts";
import { DEADLINES, type Place, type Suite } from "./prove.ts";

const SECOND_TOKENS = 4;
type Format = Pick<NativeFormat, "name" | "provider" | "backend">;
const OPENAI_CHAT: Format = { name: "openai-chat", provider: { type: "custom" } };
const FORMATS: readonly Format[] = [OPENAI_CHAT, ...NATIVE_FORMATS];
const WITHIN_MS = 60_000;

/** Where the faults are met, and a provider that is well. */
export interface Places {
  readonly places: (plan: string) => Place;
  readonly well: () => { readonly url: string };
}

/**
 * Each fault of a group that keeps a call from ever reaching its provider, for providers of every format, alone and
 * with a second backend of another format that is well.
 */
export function testEachFormat(
  { faults }: FaultGroup,
  suite: Suite,
  started: Started,
  { places, well }: Places,
): void {
  let second = "";
  beforeAll(async () => {
    const { gateway } = started;
    const account = { type: "custom", base_url: well().url, connection_config: { api_key: "fake" } };
    second = (await serveBackend(gateway, account, `fake-ok?tokens=${SECOND_TOKENS}`)).backendId;
  });
  const each = FORMATS.flatMap((format) => faults.map((fault) => ({ format, fault })));
  test.concurrent.each(each.map((one) => [`${one.fault.number}: ${one.format.name}`, one] as const))(
    "%s, with one backend and with two",
    async (_title, { format, fault }) => {
      const [{ plan } = { plan: "" }] = fault.cases;
      const slugs = await modelsOf(started, format, fault, places(plan).url, second);
      for (const [i, slug] of slugs.entries()) {
        for (const one of fault.cases) suite.noted(await meet(started, slug, one, i + 1));
      }
    },
    WITHIN_MS,
  );
}

/** A model with a backend at the place where the fault is met, and one with a well backend behind that. */
async function modelsOf(
  { gateway }: Started,
  { name, provider, backend }: Format,
  { number, cases }: Fault,
  base_url: string,
  second: string,
): Promise<readonly string[]> {
  const make = async (path: string, body: object): Promise<string> => {
    const reply = await gateway.api("POST", path, { body });
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.text}`);
    return pickText(reply.body, "data.id");
  };
  const account = { name: `${number} ${name}`, connection_config: { api_key: "fake-credential" }, base_url };
  const provider_id = await make("/v1/providers", { ...provider, ...account });
  const timeouts = { ...DEADLINES, ...cases[0]?.deadlines };
  const slugs: string[] = [];
  for (const others of [[], [second]]) {
    const slug = `${number.toLowerCase()}/${name}-${others.length + 1}`;
    const body = { provider_id, upstream_model: "anything", free: true, timeouts, ...backend };
    const targets = [await make("/v1/backends", body), ...others];
    const model_id = await make("/v1/models", { slug, context_window: 10_000, free: true });
    await make("/v1/routing-policies", {
      model_id,
      targets: targets.map((backend_id, i) => ({ backend_id, priority: i + 1 })),
    });
    slugs.push(slug);
  }
  return slugs;
}

/** Makes the call, checks what came of it, and gives its id. */
async function meet(
  { gateway }: Started,
  slug: string,
  { form, gets, attempts, deadlines }: Case,
  backends: number,
): Promise<string> {
  const seen = await call(gateway, slug, { form });
  const written = await writtenAbout(gateway, seen.requestId);
  const failed = written.attempts.filter((outcome) => outcome !== "ok").length;
  expect(seen.malformed).toEqual([]);
  const answer = { status: 200, text: textOf(SECOND_TOKENS, false), code: undefined };
  const refusal = { text: "", code: gets.kind === "error" ? gets.code : undefined };
  expect(seen).toMatchObject(backends === 2 ? answer : refusal);
  expect(written.usage["status"]).toBe(backends === 2 ? "completed" : "failed");
  expect(written.attempts.length - failed).toBe(backends - 1);
  expect(failed).toBeGreaterThanOrEqual(attempts);
  // A look-up that others wait for as well may fail before this call's own deadline: it is then asked once more.
  expect(failed).toBeLessThanOrEqual(deadlines === undefined ? attempts : attempts + 1);
  return seen.requestId;
}
