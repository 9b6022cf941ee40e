import { expect, test } from "bun:test";
import { isObject, pick } from "../harness/json.ts";
import { describeApi, eventually, itemsOf } from "./started.ts";
import { addTenant } from "./tenancy.ts";

/** 8 tokens in and 5 out, as the fake counts them, come to whole pico at these costs. */
const COSTS = { input_per_mtok: "1000", output_per_mtok: "2000" };
const WAIT_MS = 15_000;

describeApi("paid probes", (api) => {
  const backend = (id: string) => api.gateway.api("GET", `/v1/backends/${id}`);
  const patch = (id: string, body: object) => api.gateway.api("PATCH", `/v1/backends/${id}`, { body });
  const usageOf = async (id: string) =>
    itemsOf(await api.gateway.api("GET", `/v1/accounting/usage?backend_id=${id}`));
  const asked = () => api.fake.log.records.length;

  /** Lets a backend be probed, and waits for the first probe. */
  async function probed(id: string): Promise<unknown> {
    expect((await patch(id, { probes_per_hour: 60 })).status).toBe(200);
    const isProbed = (body: unknown) => isObject(pick(body, "data.health.last_probe"));
    const { body } = await eventually(
      "probe",
      () => backend(id),
      (reply) => isProbed(reply.body),
      WAIT_MS,
    );
    return pick(body, "data.health");
  }

  async function priced(plan: string): Promise<string> {
    const [id = ""] = (await api.model(plan)).backendIds;
    expect((await patch(id, { costs: COSTS })).status).toBe(200);
    return id;
  }

  /** Has an account that comes behind the platform's in lists of balances. */
  async function adjusted(): Promise<void> {
    const body = { tenant_id: await addTenant(api.gateway), amount: "1", reason: "x" };
    expect((await api.gateway.api("POST", "/v1/accounting/adjustments", { body })).status).toBe(201);
  }

  /** The owners of balances, page after page, each once. */
  async function walked(path: string): Promise<string[]> {
    const owners = new Set<string>();
    let cursor: unknown = "";
    while (cursor !== null) {
      const reply = await api.gateway.api("GET", cursor === "" ? path : `${path}&cursor=${String(cursor)}`);
      expect(reply.status).toBe(200);
      for (const { owner } of itemsOf(reply)) owners.add(String(owner));
      cursor = pick(reply.body, "pagination.next_cursor");
    }
    return [...owners];
  }

  test("are sent where a backend allows it, booked on the platform at what the provider reports, and not again", async () => {
    const id = await priced("fake-ok?tokens=5");
    const before = asked();
    const health = await probed(id);
    expect(asked()).toBe(before + 1);
    const reported = api.fake.log.records.at(-1)?.usageReported;
    const usage = await eventually(
      "usage",
      () => api.gateway.api("GET", `/v1/accounting/usage?backend_id=${id}`),
      (reply) => itemsOf(reply).length === 1,
      WAIT_MS,
    );
    const [row] = itemsOf(usage);
    // Not our own count: what the provider says it has sent.
    expect(row).toMatchObject({
      tokens_in: pick(reported, "prompt_tokens"),
      tokens_out: pick(reported, "completion_tokens"),
      estimated: false,
      tenant_id: "platform",
      status: "completed",
      cost: "0",
    });
    const told = (Number(pick(row, "tokens_in")) * 1000 + Number(pick(row, "tokens_out")) * 2000) / 1_000_000;
    expect(health).toMatchObject({ status: "healthy", last_probe: { ok: true, cost: String(told) } });
    const sums = await api.gateway.api("GET", "/v1/accounting/usage/summary?group_by=backend");
    const groups = pick(sums.body, "data");
    const own = Array.isArray(groups) ? groups.find((group) => pick(group, "group_key") === id) : undefined;
    expect(own).toMatchObject({ request_count: 1, total_cost: "0", backend_cost: String(told) });
    const probes = await api.gateway.api("GET", "/v1/accounting/usage?metadata.origin=paid_probe");
    expect(itemsOf(probes).map((each) => each["backend_id"])).toContain(id);
    // Not before a minute is over, whoever starts anew.
    await api.gateway.restart();
    await eventually(
      "memory of the probe",
      () => backend(id),
      ({ body }) => isObject(pick(body, "data.health.last_probe")),
      WAIT_MS,
    );
    expect((await usageOf(id)).length).toBe(1);
    expect(asked()).toBe(before + 1);
    await patch(id, { probes_per_hour: null });
  });

  test("are on the platform's own account in the ledger, owed to the backend's provider, on nobody's statement", async () => {
    const id = await priced("fake-ok?tokens=5");
    const cost = String(pick(await probed(id), "last_probe.cost"));
    await patch(id, { probes_per_hour: null });
    const balance = async (query: string) =>
      itemsOf(await api.gateway.api("GET", `/v1/accounting/ledger/balances?${query}`));
    const owed = await eventually(
      "booking",
      () => api.gateway.api("GET", `/v1/accounting/ledger/balances?backend_id=${id}`),
      (reply) => itemsOf(reply).length === 2,
      WAIT_MS,
    );
    expect(itemsOf(owed)).toContainEqual({
      owner: "backend",
      owner_id: id,
      account: "receivable",
      balance: `-${cost}`,
    });
    expect(await balance(`backend_id=${id}&owner=platform`)).toEqual([
      { owner: "platform", owner_id: "platform", account: "probes", balance: cost },
    ]);
    await adjusted();
    expect(await walked("/v1/accounting/ledger/balances?limit=1")).toEqual(["backend", "platform", "tenant"]);
    const entries = await api.gateway.api("GET", `/v1/accounting/ledger?backend_id=${id}`);
    expect(itemsOf(entries).map(({ kind }) => kind)).toEqual(["probe", "probe"]);
    const month = String(pick(itemsOf(entries)[0], "month"));
    const mine = await api.gateway.api("GET", `/v1/accounting/statements/${month}`, {
      key: api.gateway.firstKey,
    });
    expect(mine.text).not.toContain(id);
    const seen = await api.gateway.api("GET", `/v1/accounting/usage?backend_id=${id}`, {
      key: api.gateway.firstKey,
    });
    expect(itemsOf(seen)).toEqual([]);
  });

  test("that fail cost nothing where the provider refused them, and make a healthy backend a degraded one", async () => {
    const id = await priced("fake-status?code=500");
    const health = await probed(id);
    expect(health).toMatchObject({
      status: "degraded",
      last_probe: { ok: false, fault: "server_error", cost: "0" },
      last_fault: { class: "server_error" },
    });
    expect(await usageOf(id)).toMatchObject([{ status: "failed", cost: "0" }]);
    await patch(id, { probes_per_hour: null });
  });

  test("are cut off by a stop, settled before it ends, and say nothing of the backend", async () => {
    const id = await priced("fake-silent-before-headers");
    const before = asked();
    await patch(id, { probes_per_hour: 60 });
    await eventually(
      "question",
      () => backend(id),
      () => asked() > before,
      WAIT_MS,
    );
    await api.gateway.restart();
    // One that had run into its deadline would be a fault of the backend.
    expect(await usageOf(id)).toMatchObject([{ status: "failed", error_code: "INTERNAL_ERROR" }]);
    await patch(id, { probes_per_hour: null });
  });

  test("are refused beyond one a minute, and where nobody has asked for them there are none", async () => {
    const [id = ""] = (await api.model("fake-ok?tokens=5")).backendIds;
    const refused = await patch(id, { probes_per_hour: 61 });
    expect([refused.status, pick(refused.body, "error.details.0.field")]).toEqual([422, "probes_per_hour"]);
    expect(pick((await backend(id)).body, "data")).not.toHaveProperty("probes_per_hour");
    expect(await usageOf(id)).toEqual([]);
  });
});
