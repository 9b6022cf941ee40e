import { expect, test } from "bun:test";
import { join } from "node:path";
import { readText } from "../../../scripts/docs/files.ts";
import { typesOf } from "../../../scripts/docs/api.ts";
import { CACHE, ROOT, run } from "../../../scripts/repository.ts";
import { SANDBOX, describeApi } from "../api/started.ts";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { OPERATIONS } from "../fuzz/calls.ts";
import { isObject, pick } from "../harness/json.ts";
import { everyRouteProgram } from "./every-route.ts";
import { allSlugs, ask, clientOf, makeKey, refusedModel, revokeKey, usedBy } from "./client.ts";

const CHECK_MS_MAX = 25_000;

describeApi("a client generated from the served document", (api) => {
  const client = (key = api.gateway.firstKey) => clientOf(api.gateway.url, key);

  test("has the types that are kept beside the console", async () => {
    const { text } = await api.gateway.api("GET", "/openapi.json");
    expect(await typesOf(text)).toBe(readText(join(ROOT, "ui/src/api/schema.d.ts")) ?? "");
  });

  test("compiles under the strict settings of this repository", async () => {
    const command = [process.execPath, "check", "--no-script", "gateway/test/openapi/client.ts"];
    const { ok, output } = await run(command, { timeoutMs: CHECK_MS_MAX });
    expect({ ok, output }).toMatchObject({ ok: true });
  });

  test("lists models page after page", async () => {
    const made = await api.gateway.api("POST", "/v1/models", {
      body: { slug: "acme/second", context_window: 10, free: true },
    });
    expect(made.status).toBe(201);
    expect((await allSlugs(client(), 1)).toSorted()).toEqual(["acme/second", SANDBOX]);
  });

  test("makes a key, asks with it, reads its usage and revokes it", async () => {
    const { id, key } = await makeKey(client(), "generated client");
    expect(key).toStartWith("sgk_");
    expect(await ask(client(key), SANDBOX, "Hello")).not.toBe("");
    expect(await usedBy(client(), id)).toHaveLength(1);
    expect(await revokeKey(client(), id)).toBe(true);
    expect(ask(client(key), SANDBOX, "Hello again")).rejects.toThrow("AUTH_TOKEN_INVALID");
  });

  test("is told an error in the type of the envelope", async () => {
    const refused = await refusedModel(client(), "scailabs/poolnodle");
    expect(refused).toMatchObject({ status: "error", error: { code: "MODEL_NOT_FOUND" } });
    expect(refused?.error.doc_url).toEndWith("/docs/errors/MODEL_NOT_FOUND");
    expect(refused?.meta.request_id).toStartWith("req_");
  });

  test("compiles for every route, and calls each of them", async () => {
    // As deep in the repository as the program writes its imports.
    const folder = join(CACHE, `every-route-${randomUUID()}`);
    const program = join(folder, "every-route.ts");
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(program, everyRouteProgram(OPERATIONS));
      const { ok, output } = await run([process.execPath, "check", "--no-script", program], {
        timeoutMs: CHECK_MS_MAX,
      });
      expect({ ok, output }).toMatchObject({ ok: true });
      const made: unknown = await import(program);
      expect(await strayAnswers(made, api.gateway.url, api.gateway.adminKey)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

/** Which operations of the program were answered with neither what they ask for nor an error with its code. */
async function strayAnswers(program: unknown, url: string, key: string): Promise<readonly string[]> {
  const [makeClient, calls] = [pick(program, "clientOf"), pick(program, "everyRoute")];
  if (typeof makeClient !== "function" || !isObject(calls)) throw new Error("this is not the program");
  const client: unknown = makeClient(url, key);
  const stray: string[] = [];
  for (const { id, method, path } of OPERATIONS) {
    const call = calls[id];
    const answer: unknown = typeof call === "function" ? await call(client, () => "none") : undefined;
    const status = Number(pick(answer, "status"));
    const error = pick(answer, "error");
    const code = pick(error, "error.code") ?? pick(error, "error.type") ?? pick(error, "message");
    const isPlain = method === "GET" && !path.includes("{");
    const isFine = status < 300 ? pick(answer, "data") !== undefined : !isPlain && code !== undefined;
    if (!isFine) stray.push(`${method} ${path} → ${status} ${JSON.stringify(answer)}`.slice(0, 300));
  }
  return stray;
}
