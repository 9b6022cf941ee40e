import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Gateway } from "../harness/gateway.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, MESSAGES, requestIdOf, SANDBOX } from "./started.ts";
import { addCaller } from "./tenancy.ts";

const CHAT = "/v1/inference/chat";
const fresh = (): string => `key ${Bun.randomUUIDv7()}`;
const keyed = (key: string) => ({ headers: { "idempotency-key": key } });
const told = (reply: ApiReply) => [reply.status, codeOf(reply)];

/** Whether the journal of a gateway, wherever it lies, knows how far a stream has come. */
function isCheckpointed({ dataDir, databaseUrl }: Gateway, requestId: string): boolean {
  const journals = join(dataDir, "journals");
  const files =
    databaseUrl === undefined
      ? [join(dataDir, "scaigrid.db")]
      : readdirSync(journals)
          .filter((name) => name.endsWith(".db"))
          .map((name) => join(journals, name));
  return files.some((file) => {
    using journal = new Database(file, { readonly: true });
    return JSON.stringify(journal.query("select body from checkpoints").all()).includes(requestId);
  });
}

describeApi("an Idempotency-Key", (api) => {
  test("makes one call of many: the others get its answer and cost nothing", async () => {
    const { slug } = await api.model("fake-ok?tokens=3");
    const who = await addCaller(api.gateway, { roles: ["tenant_user"] });
    const call = { ...keyed(fresh()), key: who.key };
    const first = await api.chat({ model: slug }, call);
    const second = await api.chat({ model: slug }, call);
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect([first, second].map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, "true"]);
    // It is told as what it is: the answer to the first.
    expect(requestIdOf(second)).toBe(requestIdOf(first));
    expect(itemsOf(await who.call("GET", "/v1/accounting/usage"))).toHaveLength(1);
  });

  test("is the caller's own, and that of the address", async () => {
    const key = fresh();
    const [one, other] = [
      await addCaller(api.gateway, { roles: ["tenant_user"] }),
      await addCaller(api.gateway, { roles: ["tenant_user"] }),
    ];
    const texts = [];
    for (const who of [one, other]) texts.push((await api.chat({}, { ...keyed(key), key: who.key })).text);
    const body = { model: SANDBOX, messages: MESSAGES };
    texts.push(
      (await api.gateway.api("POST", "/oai/v1/chat/completions", { ...keyed(key), key: one.key, body })).text,
    );
    expect(new Set(texts).size).toBe(3);
  });

  test("with another body is a mistake, and no time mends it", async () => {
    const call = keyed(fresh());
    await api.chat({}, call);
    const other = await api.chat({ max_tokens: 7 }, call);
    expect([...told(other), other.headers.get("retry-after")]).toEqual([409, "IDEMPOTENCY_CONFLICT", null]);
  });

  test("whose call is in flight is to be asked for again", async () => {
    const { slug } = await api.model("fake-ok?gate=idempotency");
    const call = keyed(fresh());
    const running = api.chat({ model: slug }, call);
    await api.fake.log.waitFor("call", ({ plan }) => plan.endsWith("idempotency"));
    const meanwhile = await api.chat({ model: slug }, call);
    expect([...told(meanwhile), meanwhile.headers.get("retry-after")]).toEqual([
      409,
      "IDEMPOTENCY_CONFLICT",
      "1",
    ]);
    api.fake.gates.open("idempotency");
    const first = await running;
    expect((await api.chat({ model: slug }, call)).text).toBe(first.text);
  });

  test("is used up by a refusal that would come again, and free after one that may not", async () => {
    const call = keyed(fresh());
    const unknown = { model: "no/such-model" };
    const [first, second] = [await api.chat(unknown, call), await api.chat(unknown, call)];
    expect([...told(first), second.text]).toEqual([404, "MODEL_NOT_FOUND", first.text]);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    const key = fresh();
    const failing = { "x-scaigrid-simulate": JSON.stringify({ error: "BACKEND_RATE_LIMITED" }) };
    const limited = await api.chat({}, { headers: { ...failing, ...keyed(key).headers } });
    expect(limited.status).toBe(429);
    expect((await api.chat({}, keyed(key))).status).toBe(200);
  });

  test("is free after a budget was used up, whatever the door calls it", async () => {
    const who = await addCaller(api.gateway, { roles: ["tenant_user"] });
    const limits = { scope: "user", scope_id: who.userId, period: "total", token_limit: 1 };
    const budget = await api.gateway.api("POST", "/v1/accounting/budgets", { body: limits });
    const body = { model: SANDBOX, messages: MESSAGES, max_tokens: 9 };
    const call = { ...keyed(fresh()), key: who.key, body };
    expect((await api.gateway.api("POST", "/anthropic/v1/messages", call)).status).toBe(402);
    const path = `/v1/accounting/budgets/${pickText(budget.body, "data.id")}`;
    await api.gateway.api("PATCH", path, { body: { token_limit: 1_000_000 } });
    expect((await api.gateway.api("POST", "/anthropic/v1/messages", call)).status).toBe(200);
  });

  test("of a stream that has ended names it; of one that never began it is free", async () => {
    const call = keyed(fresh());
    const stream = await api.stream({}, call);
    await stream.end();
    const body = { stream: true, model: SANDBOX, messages: MESSAGES };
    const again = await api.gateway.api("POST", CHAT, { ...call, key: api.gateway.firstKey, body });
    expect(told(again)).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
    expect(pickText(again.body, "error.message")).toContain(stream.requestId);
    const key = fresh();
    const failing = { "x-scaigrid-simulate": JSON.stringify({ error: "BACKEND_ERROR" }) };
    const failed = await api.stream({}, { headers: { ...failing, ...keyed(key).headers } });
    expect(failed.status).toBe(502);
    expect((await api.stream({}, keyed(key))).status).toBe(200);
  });

  test("makes one thing of many calls that make something", async () => {
    const body = { name: `once ${Bun.randomUUIDv7()}` };
    const make = (key: string) => api.gateway.api("POST", "/v1/api-keys", { ...keyed(key), body });
    const key = fresh();
    const [first, second] = [await make(key), await make(key)];
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
    const listed = itemsOf(await api.gateway.api("GET", "/v1/api-keys?limit=1000"));
    expect(listed.filter(({ name }) => name === body.name)).toHaveLength(1);
    expect((await make(fresh())).text).not.toBe(first.text);
  });

  test("of no or too many characters is refused by name", async () => {
    const reply = await api.chat({}, keyed("x".repeat(256)));
    expect([reply.status, fieldsOf(reply)]).toEqual([422, ["header.idempotency-key"]]);
  });

  describe("after the process was killed", () => {
    test("is free where nothing was delivered, and used up where something was", async () => {
      const { slug } = await api.model("fake-ok?gate=killed&gate_after=2&tokens=9");
      const [whole, streamed] = [keyed(fresh()), keyed(fresh())];
      const dying = api.chat({ model: slug }, whole).catch(() => undefined);
      const stream = await api.stream({ model: slug }, streamed);
      await stream.nextContent();
      await api.fake.log.waitFor(
        "both calls",
        ({ stream: isStream, plan }) => !isStream && plan.includes("killed"),
      );
      // It says that something was delivered.
      while (!isCheckpointed(api.gateway, stream.requestId)) await Bun.sleep(20);
      await api.gateway.kill();
      await dying;
      api.fake.gates.open("killed");
      await api.gateway.restart();
      const body = { stream: true, model: slug, messages: MESSAGES };
      const again = await api.gateway.api("POST", CHAT, { ...streamed, key: api.gateway.firstKey, body });
      expect(told(again)).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
      expect(pickText(again.body, "error.message")).toContain(stream.requestId);
      expect(pick((await api.chat({ model: slug }, whole)).body, "status")).toBe("ok");
    });
  });
});
