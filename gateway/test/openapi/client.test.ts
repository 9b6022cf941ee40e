import { expect, test } from "bun:test";
import { join } from "node:path";
import { readText } from "../../../scripts/docs/files.ts";
import { typesOf } from "../../../scripts/docs/api.ts";
import { ROOT, run } from "../../../scripts/repository.ts";
import { SANDBOX, describeApi } from "../api/started.ts";
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
});
