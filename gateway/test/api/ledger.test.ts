import { beforeAll, expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, eventually, fieldsOf, itemsOf } from "./started.ts";
import { withShell } from "./store-shell.ts";
import { addCaller, addPartner, addTenant, type Caller, madeId } from "./tenancy.ts";

/** An answer of a hundred tokens is sold for a thousandth, and bought for half of it. */
const TERMS = {
  prices: { input_per_mtok: "0", output_per_mtok: "10" },
  costs: { input_per_mtok: "0", output_per_mtok: "5" },
};
const LEDGER = "/v1/accounting/ledger";
const ADJUSTMENTS = "/v1/accounting/adjustments";

describeApi("the ledger", (api) => {
  let admin: Caller;
  let partner: Caller;
  let partnerId: string;
  let tenantId: string;
  let requestId: string;
  beforeAll(async () => {
    partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    const other = await addTenant(api.gateway, partnerId);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId: other });
    const { slug } = await api.model("fake-ok?tokens=100", { ...TERMS, slug: "fake/a" });
    const first = await api.chat({ model: slug }, { key: admin.key });
    requestId = pickText(first.body, "meta.request_id");
    await api.chat({ model: slug }, { key: admin.key });
    await api.chat({ model: slug }, { key: partner.key });
    await eventually("three sales", balances, (reply) => {
      const revenue = itemsOf(reply).find(
        ({ owner, account }) => owner === "partner" && account === "revenue",
      );
      return revenue?.["balance"] === "-0.003";
    });
  });

  const balances = () => api.gateway.api("GET", `${LEDGER}/balances?partner_id=${partnerId}`);

  test("tells each level what its accounts have come to, and nothing of those above", async () => {
    const of = async (who: Caller) =>
      itemsOf(await who.call("GET", `${LEDGER}/balances`)).map(({ owner, owner_id, account, balance }) => [
        owner,
        owner_id,
        account,
        balance,
      ]);
    expect(await of(admin)).toEqual([["tenant", tenantId, "receivable", "0.002"]]);
    expect(await of(partner)).toContainEqual(["partner", partnerId, "receivable", "0.003"]);
    expect((await of(partner)).map(([owner]) => owner)).not.toContain("backend");
    const all = itemsOf(await balances());
    expect(all).toContainEqual(
      expect.objectContaining({ owner: "backend", account: "cost", balance: "0.0015" }),
    );
    // Picos, so that the sum of floats cannot be off.
    const micro = all.map(({ balance }) => Math.round(Number(balance) * 1e6));
    expect(micro.reduce((sum, each) => sum + each, 0)).toBe(0);
  });

  test("leads from a request to its entries, and from an entry to its requests", async () => {
    const entries = itemsOf(await admin.call("GET", `${LEDGER}?request_id=${requestId}`));
    expect(entries.map(({ kind, side, account }) => [kind, side, account])).toEqual([
      ["sale", "to", "receivable"],
    ]);
    const batch = String(entries[0]?.["batch"]);
    const usage = itemsOf(await admin.call("GET", `/v1/accounting/usage?batch=${batch}`));
    expect(usage.map(({ request_id }) => request_id)).toContain(requestId);
    const summary = await admin.call("GET", `/v1/accounting/usage/summary?batch=${batch}`);
    expect(pick(summary.body, "data.0.total_cost")).toBe(String(entries[0]?.["amount"]));
    const others = await admin.call("GET", `${LEDGER}?batch=${batch}&tenant_id=tenant_other`);
    expect(itemsOf(others)).toEqual([]);
    const all = itemsOf(await api.gateway.api("GET", `${LEDGER}?batch=${batch}&limit=1000`));
    expect(all.length).toBeGreaterThan(entries.length);
  });

  test("goes on page by page with every entry once", async () => {
    const seen: unknown[] = [];
    let cursor = "";
    for (;;) {
      const reply = await api.gateway.api("GET", `${LEDGER}?limit=3${cursor}`);
      seen.push(...itemsOf(reply).map(({ id, side }) => `${String(id)} ${String(side)}`));
      if (pick(reply.body, "pagination.has_more") !== true) break;
      cursor = `&cursor=${pickText(reply.body, "pagination.next_cursor")}`;
    }
    const whole = itemsOf(await api.gateway.api("GET", `${LEDGER}?limit=1000`));
    expect(seen).toEqual(whole.map(({ id, side }) => `${String(id)} ${String(side)}`));
  });

  test("takes a correction once, in the statement, and moves no budget", async () => {
    const budget = madeId(
      await api.gateway.api("POST", "/v1/accounting/budgets", {
        body: { scope: "tenant", scope_id: tenantId, period: "monthly", cost_limit: "10" },
      }),
    );
    const spent = () =>
      eventually(
        "an armed budget",
        () => api.gateway.api("GET", `/v1/accounting/budgets/${budget}`),
        ({ body }) => pick(body, "data.state") === "ok",
      );
    const before = pick((await spent()).body, "data.spent");
    const body = { tenant_id: tenantId, amount: "-0.0005", reason: "<b>Cut</b> answers" };
    const once = { body, headers: { "idempotency-key": "credit-1" } };
    const made = await api.gateway.api("POST", ADJUSTMENTS, once);
    const again = await api.gateway.api("POST", ADJUSTMENTS, once);
    expect([made.status, again.status, madeId(made)]).toEqual([201, 201, madeId(again)]);
    const listed = itemsOf(await admin.call("GET", ADJUSTMENTS));
    expect(listed).toEqual([expect.objectContaining({ id: madeId(made), amount: "-0.0005" })]);
    const month = String(listed[0]?.["month"]);
    const statement = await admin.call("GET", `/v1/accounting/statements/${month}`);
    expect(pick(statement.body, "data.totals")).toMatchObject({
      cost: "0.002",
      adjustments: "-0.0005",
      due: "0.0015",
    });
    expect(pick((await spent()).body, "data.spent")).toEqual(before);
    const owed = itemsOf(await admin.call("GET", `${LEDGER}/balances?account=receivable`));
    expect(owed.map(({ balance }) => balance)).toEqual(["0.0015"]);
  });

  test("a statement can be printed: one file that needs nothing, and what people write stays text", async () => {
    const month = String(itemsOf(await admin.call("GET", ADJUSTMENTS))[0]?.["month"]);
    const page = await admin.call("GET", `/v1/accounting/statements/${month}?format=html`);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-disposition")).toContain(`statement-${month}.html`);
    expect(page.text).toContain("0.0015");
    expect(page.text).toContain("&lt;b&gt;Cut&lt;/b&gt; answers");
    expect(page.text).not.toMatch(/<b>|<script|src=|href=/);
    const csv = await admin.call("GET", `/v1/accounting/statements/${month}?format=csv`);
    expect(csv.text).toContain(`"-0.0005"`);
  });

  test("refuses corrections by others, of others, and of nothing", async () => {
    const body = { tenant_id: tenantId, amount: "1", reason: "x" };
    for (const who of [admin, partner]) {
      const refused = await who.call("POST", ADJUSTMENTS, body);
      expect([refused.status, codeOf(refused)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    }
    const wrong: readonly (readonly [object, string])[] = [
      [{ ...body, partner_id: partnerId }, "body.tenant_id"],
      [{ ...body, tenant_id: "tenant_none" }, "body.tenant_id"],
      [{ ...body, amount: "0" }, "body.amount"],
      [{ ...body, amount: "--1" }, "body.amount"],
      [{ ...body, amount: "1.0000000000001" }, "body.amount"],
      [{ ...body, amount: "9000000.1" }, "body.amount"],
      [{ ...body, reason: " " }, "body.reason"],
      [{ ...body, month: "2999-01" }, "body.month"],
      [{ ...body, month: "2026-13" }, "body.month"],
    ];
    for (const [asked, field] of wrong) {
      const refused = await api.gateway.api("POST", ADJUSTMENTS, { body: asked });
      expect([refused.status, fieldsOf(refused)[0]?.toString().replace("body.", "")]).toEqual([
        422,
        field.replace("body.", ""),
      ]);
    }
  });

  test("an amount that somebody has changed behind its back is found, and told of once", async () => {
    const change = (by: number) =>
      withShell(api.gateway, (store) =>
        store.run("update usage set tenant_pico = tenant_pico + ? where request_id = ?", [by, requestId]),
      );
    /** Management calls are limited: the store is asked, and the gateway once. */
    const drifts = async (expected: number): Promise<void> => {
      const deadline = performance.now() + 60_000;
      const count = () =>
        withShell(api.gateway, (store) => store.all("select kind from drifts")).then((rows) => rows.length);
      while ((await count()) !== expected) {
        if (performance.now() > deadline) throw new Error(`no ${expected} drifts, but ${await count()}`);
        await Bun.sleep(100);
      }
    };
    await change(1);
    // A batch, the cells of three levels, and the budget that was made after the request.
    await drifts(5);
    const health = await api.gateway.api("GET", "/health/detailed");
    expect(pick(health.body, "data.accounting_drifts")).toBe(5);
    const metrics = await fetch(`${api.gateway.url}/metrics`);
    expect(await metrics.text()).toContain("\nscaigrid_accounting_drifts 5\n");
    const told = await withShell(api.gateway, (store) =>
      store.all("select payload from events where type = 'accounting.drift_detected'"),
    );
    expect(told).toHaveLength(5);
    await change(-1);
    await drifts(0);
  }, 150_000);

  test("a correction of a closed month is a line of the open one that names it", async () => {
    const body = { partner_id: partnerId, amount: "2.5", month: "2020-01", reason: "late" };
    const made = await api.gateway.api("POST", ADJUSTMENTS, { body });
    expect(pick(made.body, "data.for_month")).toBe("2020-01");
    const month = pickText(made.body, "data.month");
    expect(month > "2026-01").toBe(true);
    const statement = await partner.call("GET", `/v1/accounting/statements/${month}`);
    expect(pick(statement.body, "data.totals.partner_adjustments")).toBe("2.5");
    expect(itemsOf(await admin.call("GET", ADJUSTMENTS)).map(({ amount }) => amount)).not.toContain("2.5");
  });
});
