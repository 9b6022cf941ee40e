import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { BrokenStreamPolicy } from "../../src/core/broken-streams.ts";
import { poll } from "../durability/poll.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import type { ApiReply } from "../harness/api.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, eventually, fieldsOf, itemsOf, MESSAGES, traceOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, freshSlug, madeId } from "./tenancy.ts";

/** Tokens that the fake upstream counts in `MESSAGES`: a quarter of its bytes. The gateway's estimate is higher. */
const TRUE_INPUT = 3;

async function agree(gateway: Gateway, policy: BrokenStreamPolicy | null): Promise<void> {
  const [home] = itemsOf(await gateway.api("GET", "/v1/tenants"));
  const reply = await gateway.api("PATCH", `/v1/tenants/${String(home?.["id"])}`, {
    body: { broken_streams: policy },
  });
  expect(reply.status).toBe(200);
}

async function usageOf(gateway: Gateway, slug: string): Promise<Readonly<Record<string, unknown>>> {
  const reply = await eventually(
    "usage record",
    () => gateway.api("GET", `/v1/accounting/usage?model=${encodeURIComponent(slug)}`),
    (answer) => itemsOf(answer).length > 0,
  );
  const [item, ...more] = itemsOf(reply);
  expect(more).toEqual([]);
  return item ?? {};
}

/** A whole call whose caller leaves once it has reached the upstream. */
async function leaveWhole(gateway: Gateway, fake: FaultUpstream, model: string, plan: string): Promise<void> {
  const leaving = new AbortController();
  const call = fetch(`${gateway.url}/v1/inference/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.firstKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: MESSAGES }),
    signal: leaving.signal,
  });
  await fake.log.waitFor("request", (r) => r.plan === plan);
  leaving.abort();
  await expect(call).rejects.toThrow();
}

/** Whether the last checkpoint tells of an answer that is read on, as far as so many tokens. */
function isCheckpointed({ dataDir, databaseUrl }: Gateway, tokens: number): boolean {
  const journals = join(dataDir, "journals");
  const files =
    databaseUrl === undefined
      ? [join(dataDir, "scaigrid.db")]
      : readdirSync(journals).flatMap((name) => (name.endsWith(".db") ? [join(journals, name)] : []));
  return files.some((file) => {
    using journal = new Database(file, { readonly: true });
    const text = JSON.stringify(journal.query("select body from checkpoints").all());
    return text.includes("isDrained") && new RegExp(`outputTokens\\W+${tokens}\\b`).test(text);
  });
}

async function readsOn(gateway: Gateway, count: number): Promise<void> {
  await eventually(
    `${count} answers read on`,
    () => gateway.api("GET", "/metrics"),
    ({ text }) => text.includes(`scaigrid_answers_read_on ${count}\n`),
  );
}

describeApi("broken streams under the policy `upstream`", (api) => {
  beforeAll(() => agree(api.gateway, "upstream"));

  test.each([
    ["before the first content", "fake-ok?tokens=40&gate=first", 0, "first"],
    ["in mid-stream", "fake-ok?tokens=40&gate=middle&gate_after=6", 6, "middle"],
    ["after the last token, before the usage", "fake-ok?tokens=12&gate=last&gate_after=12", 12, "last"],
  ])(
    "a caller who leaves a stream %s pays what the upstream says it took",
    async (_when, plan, seen, gate) => {
      const { slug } = await api.model(plan);
      const leaving = new AbortController();
      const stream = fetch(`${api.gateway.url}/v1/inference/chat`, {
        method: "POST",
        headers: { authorization: `Bearer ${api.gateway.firstKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model: slug, messages: MESSAGES, stream: true }),
        signal: leaving.signal,
      });
      const left = stream.catch(() => undefined);
      const sent = await api.fake.log.waitFor("tokens", (r) => r.plan === plan && r.tokensSent === seen);
      if (seen > 0) await stream;
      leaving.abort();
      await readsOn(api.gateway, 1);
      expect(sent.closedByPeerAtMs).toBeUndefined();
      api.fake.gates.open(gate);
      const item = await usageOf(api.gateway, slug);
      const total = seen === 12 ? 12 : 40;
      expect(item).toMatchObject({
        status: "client_gone",
        tokens_in: TRUE_INPUT,
        tokens_out: total,
        estimated: false,
      });
      await readsOn(api.gateway, 0);
      await left;
      const trace = await traceOf(api.gateway, String(item["request_id"]));
      const steps = JSON.stringify(pick(trace.body, "data"));
      for (const step of ["aborted", "draining", "drained", "settled"]) expect(steps).toContain(`"${step}"`);
    },
  );

  test("one who leaves a whole answer does as well", async () => {
    const plan = "fake-ok?tokens=30&gate=whole";
    const { slug } = await api.model(plan);
    await leaveWhole(api.gateway, api.fake, slug, plan);
    await readsOn(api.gateway, 1);
    api.fake.gates.open("whole");
    expect(await usageOf(api.gateway, slug)).toMatchObject({
      status: "client_gone",
      tokens_in: TRUE_INPUT,
      tokens_out: 30,
      estimated: false,
    });
  });

  test("one who leaves an upstream that then refuses owes nothing, and no other is asked", async () => {
    const plan = "fake-close-before-headers?gate=refuses";
    const { slug } = await api.model(plan, { plans: [plan, "fake-ok?tokens=5&gate=other"] });
    await leaveWhole(api.gateway, api.fake, slug, plan);
    await readsOn(api.gateway, 1);
    api.fake.gates.open("refuses");
    const item = await usageOf(api.gateway, slug);
    expect(item).toMatchObject({ status: "client_gone", tokens_in: 0, tokens_out: 0, cost: "0" });
    expect(api.fake.log.records.some((r) => r.plan.includes("gate=other"))).toBe(false);
  });

  test("an upstream that breaks off before its usage leaves an estimate of all that it said", async () => {
    const plan = "fake-reset?after=9&gate=cut&gate_after=3&tokens=20";
    const { slug } = await api.model(plan);
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    await api.fake.log.waitFor("tokens", (r) => r.plan === plan && r.tokensSent === 3);
    stream.leave();
    await readsOn(api.gateway, 1);
    api.fake.gates.open("cut");
    const item = await usageOf(api.gateway, slug);
    expect(item).toMatchObject({ status: "client_gone", estimated: true });
    expect(Number(item["tokens_out"])).toBeGreaterThanOrEqual(3);
    expect(Number(item["tokens_out"])).toBeLessThanOrEqual(9);
  });

  test("an answer that says more than is held for it is read no further", async () => {
    const plan = "fake-ok?tokens=100000&gate=much&gate_after=4";
    const { slug } = await api.model(plan, { model: { max_output_tokens: 50 } });
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    stream.leave();
    await readsOn(api.gateway, 1);
    api.fake.gates.open("much");
    const item = await usageOf(api.gateway, slug);
    expect(item).toMatchObject({ status: "client_gone", estimated: true });
    // A piece of the connection more than what was set aside, but not the whole of it.
    expect(Number(item["tokens_out"])).toBeLessThan(50_000);
    await api.fake.log.waitFor("departure", (r) => r.plan === plan && r.closedByPeerAtMs !== undefined);
  });

  test("a change of the policy is for what is admitted after it", async () => {
    const plan = "fake-ok?tokens=21&gate=changed&gate_after=2";
    const { slug } = await api.model(plan);
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    await agree(api.gateway, null);
    stream.leave();
    await readsOn(api.gateway, 1);
    api.fake.gates.open("changed");
    expect(await usageOf(api.gateway, slug)).toMatchObject({ tokens_out: 21, estimated: false });
    await agree(api.gateway, "upstream");
  });
});

describeApi("broken streams under the policy `free_on_provider_fault`", (api) => {
  beforeAll(() => agree(api.gateway, "free_on_provider_fault"));

  test("cost the caller nothing where the provider broke them off; what they cost stays on record", async () => {
    const { slug } = await api.model("fake-reset?after=5&tokens=20&strike_gate=strikes");
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    api.fake.gates.open("strikes");
    await stream.end();
    const item = await usageOf(api.gateway, slug);
    expect(item).toMatchObject({ status: "failed", cost: "0", estimated: true });
    expect(Number(item["tokens_out"])).toBeGreaterThan(0);
    expect(Number(item["backend_cost"])).toBeGreaterThan(0);
  });

  test("cost the usual where it was the caller who left", async () => {
    const plan = "fake-ok?tokens=40&gate=left&gate_after=6";
    const { slug } = await api.model(plan);
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    stream.leave();
    const item = await usageOf(api.gateway, slug);
    expect(item).toMatchObject({ status: "client_gone", estimated: true });
    expect(Number(item["cost"])).toBeGreaterThan(0);
  });
});

describeApi("who pays for broken streams", (api) => {
  const told = (reply: ApiReply) => pick(reply.body, "data.broken_streams");

  test("is said by those above, tightened by the level itself, and on record", async () => {
    const partnerId = await addPartner(api.gateway);
    const tenantId = await addTenant(api.gateway, partnerId);
    const partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId });
    const admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const path = `/v1/tenants/${tenantId}`;
    const says = (who: Caller, policy: BrokenStreamPolicy | null) =>
      who.call("PATCH", path, { broken_streams: policy });

    expect(told(await admin.call("GET", path))).toEqual({ policy: "delivered", set_by: "installation" });
    for (const laxer of [partner, admin]) {
      const reply = await says(laxer, "free_on_provider_fault");
      expect([reply.status, fieldsOf(reply)]).toEqual([422, ["broken_streams"]]);
    }
    expect(told(await says(admin, "upstream"))).toEqual({ policy: "upstream", set_by: "itself" });
    expect(told(await says(admin, null))).toEqual({ policy: "delivered", set_by: "installation" });
    expect(told(await says(partner, "upstream"))).toEqual({ policy: "upstream", set_by: "partner" });

    const set = await api.gateway.api("PATCH", path, { body: { broken_streams: "free_on_provider_fault" } });
    expect(told(set)).toEqual({ policy: "free_on_provider_fault", set_by: "platform" });
    const denied = await says(partner, "delivered");
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);

    const entries = itemsOf(await api.gateway.api("GET", `/v1/audit-log?resource_id=${tenantId}`));
    expect(JSON.stringify(entries)).toContain("broken_streams");
  });

  test("is inherited from the partner, and given with a new tenant", async () => {
    const partner = { slug: freshSlug("strict"), display_name: "Strict", broken_streams: "upstream" };
    const made = await api.gateway.api("POST", "/v1/partners", { body: partner });
    expect(told(made)).toEqual({ policy: "upstream", set_by: "platform" });
    const tenant = { slug: freshSlug("of"), display_name: "Of", partner_id: madeId(made) };
    const inherits = await api.gateway.api("POST", "/v1/tenants", { body: tenant });
    expect(told(inherits)).toEqual({ policy: "upstream", set_by: "platform" });
    const free = { ...tenant, slug: freshSlug("free"), broken_streams: "free_on_provider_fault" };
    const own = await api.gateway.api("POST", "/v1/tenants", { body: free });
    expect(told(own)).toEqual({ policy: "free_on_provider_fault", set_by: "platform" });
    const odd = await api.gateway.api("POST", "/v1/tenants", { body: { ...free, broken_streams: "never" } });
    expect([odd.status, fieldsOf(odd)]).toEqual([422, ["broken_streams"]]);
  });
});

describe("answers that are read on", () => {
  let fake: FaultUpstream;
  let gateway: Gateway;
  let slug = "";
  const PLAN = "fake-ok?tokens=40&gate=never&gate_after=6";
  beforeAll(async () => {
    fake = new FaultUpstream();
    gateway = await startGateway({
      env: { SCAIGRID_IN_FLIGHT_MAX: "4", SCAIGRID_DRAIN_SECONDS: "1" },
    });
    ({ slug } = await addFakeBackend(gateway, fake, { plans: [PLAN] }));
    await agree(gateway, "upstream");
  });
  afterAll(async () => {
    await gateway.dispose();
    fake.stop();
  });

  const left = async (): Promise<void> => {
    const stream = await gateway.chatStream({ model: slug, messages: MESSAGES });
    await stream.nextContent();
    stream.leave();
  };
  const records = async () => itemsOf(await gateway.api("GET", "/v1/accounting/usage"));

  test("are no more than a quarter of the places; another's upstream is closed at once", async () => {
    await left();
    await readsOn(gateway, 1);
    await left();
    await fake.log.waitFor("departure", (r) => r.closedByPeerAtMs !== undefined);
    const [item] = itemsOf(
      await eventually(
        "record",
        () => gateway.api("GET", "/v1/accounting/usage"),
        (r) => itemsOf(r).length > 0,
      ),
    );
    expect(item).toMatchObject({ status: "client_gone", estimated: true });
    await readsOn(gateway, 1);
  });

  test("are the caller's still after kill -9: settled as left, with what had been read", async () => {
    const before = (await records()).length;
    await poll("no checkpoint tells of it", () => isCheckpointed(gateway, 6));
    await gateway.kill();
    await gateway.restart();
    const after = await records();
    expect(after.length).toBe(before + 1);
    expect(after[0]).toMatchObject({ status: "client_gone", estimated: true });
    expect(after[0]?.["tokens_out"]).toBe(6);
    expect(Number(after[0]?.["tokens_in"])).toBeGreaterThan(0);
  });

  test("end with the drain time of a stop", async () => {
    const before = (await records()).length;
    await left();
    await readsOn(gateway, 1);
    await gateway.restart();
    const after = await records();
    expect(after.length).toBe(before + 1);
    expect(after[0]).toMatchObject({ status: "client_gone", estimated: true });
  });
});
