import { beforeAll, expect, test } from "bun:test";
import { monthSpan } from "../../src/admin/accounting/period.ts";
import { isObject, pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, eventually, fieldsOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller } from "./tenancy.ts";
import { withShell } from "./store-shell.ts";

test.each([
  ["2026-11", "UTC", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ["2026-12", "Asia/Tokyo", "2026-11-30T15:00:00.000Z", "2026-12-31T15:00:00.000Z"],
  ["2026-03", "Europe/Amsterdam", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"],
  ["2028-02", "UTC", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
])("the month %s in %s", (month, zone, start, end) => {
  const { startMs, endMs } = monthSpan(month, zone);
  expect([startMs, endMs].map((at) => new Date(at).toISOString())).toEqual([start, end]);
});

/** An answer of a hundred tokens is sold for a thousandth, and bought for half of it. */
const TERMS = {
  prices: { input_per_mtok: "0", output_per_mtok: "10" },
  costs: { input_per_mtok: "0", output_per_mtok: "5" },
};

/** Of a line of CSV in which no cell holds a comma. */
function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.replaceAll('"', ""));
}

describeApi("the statement of a month", (api) => {
  let admin: Caller;
  let partner: Caller;
  let tenantId: string;
  let slugs: readonly string[];
  beforeAll(async () => {
    const partnerId = await addPartner(api.gateway);
    tenantId = await addTenant(api.gateway, partnerId);
    const other = await addTenant(api.gateway, partnerId);
    admin = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    partner = await addCaller(api.gateway, { roles: ["partner_admin"], tenantId: other });
    slugs = [
      (await api.model("fake-ok?tokens=100", { ...TERMS, slug: "fake/a" })).slug,
      (await api.model("fake-ok?tokens=100", { ...TERMS, slug: "fake/b" })).slug,
    ];
    for (const model of [slugs[0], slugs[1], slugs[1]]) await api.chat({ model }, { key: admin.key });
    await api.chat({ model: slugs[0] }, { key: partner.key });
    await eventually(
      "usage",
      () => api.gateway.api("GET", "/v1/accounting/usage/summary?group_by=backend"),
      ({ body }) => {
        const groups = pick(body, "data");
        const counts = Array.isArray(groups) ? groups.map((each) => Number(pick(each, "request_count"))) : [];
        return counts.reduce((sum, count) => sum + count, 0) === 4;
      },
    );
    // The test must not stand on the edge of two months.
    const november = Date.UTC(2026, 10, 15);
    await withShell(api.gateway, (store) => store.run("update usage set created_at = ?", [november]));
  });
  const of = (who: Caller, more = "", month = "2026-11") =>
    who.call("GET", `/v1/accounting/statements/${month}${more}`);

  test("tells a tenant what it pays, by model, and nothing of what others pay", async () => {
    const { body } = await of(admin);
    expect(pick(body, "data.lines")).toMatchObject([
      { tenant_id: tenantId, model: slugs[0], request_count: 1, cost: "0.001" },
      { tenant_id: tenantId, model: slugs[1], request_count: 2, cost: "0.002" },
    ]);
    expect(pick(body, "data.totals")).toMatchObject({ request_count: 3, cost: "0.003" });
    expect(pick(body, "data.totals.margin")).toBeUndefined();
    expect(pick(body, "data.starts_at")).toBe("2026-11-01T00:00:00.000Z");
  });

  test("tells a level above its margin, of all its tenants or of one", async () => {
    const platform = await api.gateway.api("GET", `/v1/accounting/statements/2026-11?tenant_id=${tenantId}`);
    expect(pick(platform.body, "data.totals")).toMatchObject({
      cost: "0.003",
      backend_cost: "0.0015",
      margin: "0.0015",
    });
    const all = (await of(partner)).body;
    expect(pick(all, "data.totals")).toMatchObject({ request_count: 4, cost: "0.004", margin: "0" });
    expect(pick((await of(partner, `?tenant_id=${tenantId}`)).body, "data.totals.request_count")).toBe(3);
  });

  test("is the same to the last digit as CSV, whose rows tell month and currency and end with the total", async () => {
    const { body } = await of(partner);
    const lines = pick(body, "data.lines");
    const total = (field: string) => pickText(body, `data.totals.${field}`);
    const rows = (await of(partner, "?format=csv")).text.trimEnd().split("\r\n").map(cellsOf);
    const head = rows[0] ?? [];
    const told = rows.slice(1).map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at]])));
    const same = { month: "2026-11", currency: "USD" };
    expect(told).toMatchObject([
      ...(Array.isArray(lines) ? lines.filter(isObject) : []).map(({ cost, margin }) => ({
        ...same,
        line: "usage",
        cost,
        margin,
      })),
      { ...same, line: "total", cost: total("cost"), margin: total("margin"), due: total("due") },
    ]);
    expect(told.at(-1)?.["adjustment"]).toBe(total("adjustments"));
  });

  test("of another month is empty, of no month refused, of another's partner as well", async () => {
    expect(pick((await of(admin, "", "2026-10")).body, "data.lines")).toEqual([]);
    const none = await of(admin, "", "2026-13");
    expect([none.status, fieldsOf(none)]).toEqual([422, ["path.month"]]);
    const beyond = await of(admin, "?partner_id=partner_other");
    expect([beyond.status, codeOf(beyond)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });
});
