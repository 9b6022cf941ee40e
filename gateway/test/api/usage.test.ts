import { beforeAll, expect, test } from "bun:test";
import type { FakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf, requestIdOf } from "./started.ts";
import { addCaller, madeId } from "./tenancy.ts";

const TOKENS = [10, 20, 30, 40, 50];

describeApi("usage", (api) => {
  let made: FakeBackend;
  const requestIds: string[] = [];
  const read = (path: string, key = api.gateway.adminKey) =>
    api.gateway.api("GET", `/v1/accounting/${path}`, { key });

  beforeAll(async () => {
    made = await api.model("fake-ok?tokens=10", {
      slug: "acme/metered",
      prices: { input_per_mtok: "2.50", output_per_mtok: "10.00" },
      costs: { input_per_mtok: "1.25", output_per_mtok: "5.00" },
    });
    for (const tokens of TOKENS) {
      // Unknown fields are passed on, and the fake obeys this one.
      const reply = await api.chat({
        model: made.slug,
        fake: `fake-ok?tokens=${tokens}`,
        metadata: { team: tokens > 30 ? "red" : "blue" },
      });
      requestIds.push(requestIdOf(reply));
    }
    await api.chat();
  });

  test("lists each settled request once, newest first, with exact amounts", async () => {
    const items = itemsOf(await read("usage?model=acme/metered"));
    expect(items.map((item) => item["request_id"])).toEqual(requestIds.toReversed());
    expect(items[0]).toMatchObject({
      id: `usage_${requestIds.at(-1)?.slice(4)}`,
      model: "acme/metered",
      backend_id: made.backendIds[0],
      tokens_in: 3,
      tokens_out: 50,
      estimated: false,
      status: "completed",
      // 3 × 2.50 + 50 × 10.00 per million.
      cost: "0.0005075",
      backend_cost: "0.00025375",
      metadata: { team: "red" },
    });
  });

  test("shows a tenant what it pays, not what the platform pays", async () => {
    const [item] = itemsOf(await read("usage?model=acme/metered", api.gateway.firstKey));
    expect(item).toMatchObject({ cost: "0.0005075", backend_cost: "0.0005075" });
  });

  test("pages through without losing or repeating a record", async () => {
    const seen: unknown[] = [];
    let cursor: unknown = "";
    while (typeof cursor === "string") {
      const page = await read(`usage?model=acme/metered&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...itemsOf(page).map((item) => item["request_id"]));
      cursor = pick(page.body, "pagination.next_cursor");
    }
    expect(seen).toEqual(requestIds.toReversed());
  });

  test("is filtered by metadata, status, backend, key and time", async () => {
    const count = async (query: string) => itemsOf(await read(`usage?${query}`)).length;
    expect(await count("metadata.team=red")).toBe(2);
    expect(await count("metadata.team=green")).toBe(0);
    expect(await count("metadata.team=blue&status=completed")).toBe(3);
    expect(await count("status=failed")).toBe(0);
    expect(await count(`backend_id=${made.backendIds[0]}`)).toBe(5);
    expect(await count("api_key_id=apikey_none")).toBe(0);
    expect(await count("period=day")).toBe(6);
    expect(await count("end=2020-01-01T00:00:00Z")).toBe(0);
  });

  test("is summed by model, with a bare list and the time it is as of", async () => {
    const reply = await read("usage/summary?start=2000-01-01T00:00:00Z");
    const rows = pick(reply.body, "data");
    expect(rows).toContainEqual({
      group_key: "acme/metered",
      request_count: 5,
      input_tokens: 15,
      output_tokens: 150,
      total_tokens: 165,
      total_cost: "0.0015375",
      backend_cost: "0.00076875",
    });
    const asOf = Date.parse(String(pick(reply.body, "meta.as_of")));
    expect(Math.abs(Date.now() - asOf)).toBeLessThan(5_000);
  });

  test.each(["user", "backend", "tenant", "partner", "api_key", "day", "hour"])(
    "is summed by %s",
    async (group) => {
      const start = new Date(Date.now() - 86_400_000).toISOString();
      const reply = await read(`usage/summary?start=${start}&model=acme/metered&group_by=${group}`);
      const rows = pick(reply.body, "data");
      expect(rows).toBeArray();
      const counts = Array.isArray(rows) ? rows.map((row) => Number(pick(row, "request_count"))) : [];
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(5);
    },
  );

  test("a day begins and ends where the tenant is, and the answer says where that is", async () => {
    const tenant = { slug: "tokyo", display_name: "Tokyo", time_zone: "Asia/Tokyo" };
    const tenantId = madeId(await api.gateway.api("POST", "/v1/tenants", { body: tenant }));
    const { key } = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const reply = await read("usage/summary?start=2026-06-01&end=2026-06-02&group_by=hour", key);
    expect(pick(reply.body, "meta.time_zone")).toBe("Asia/Tokyo");
    expect(Date.parse(String(pick(reply.body, "meta.starts_at")))).toBe(Date.parse("2026-05-31T15:00:00Z"));
    const numbers = async (query: string) => itemsOf(await read(`usage?${query}`)).length;
    expect([await numbers("start=2000-01-01"), await numbers("end=2000-01-01")]).toEqual([6, 0]);
  });

  const WRONG: readonly (readonly [string, string])[] = [
    ["usage?period=fortnight", "query.period"],
    ["usage?start=yesterday", "query.start"],
    ["usage?start=2026-02-30", "query.start"],
    ["usage?start=2026-01-02&end=2026-01-01", "query.end"],
    ["usage?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "query.end"],
    ["usage?limit=5000", "query.limit"],
    ["usage?cursor=AAAA", "query.cursor"],
    ["usage/summary?group_by=colour", "query.group_by"],
    ["usage/summary?group_by=day", "query.start"],
  ];
  test.each(WRONG)("%s is refused by its field", async (path, field) => {
    const reply = await read(path);
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", [field]]);
  });

  test("of another tenant is refused, not shown empty", async () => {
    const reply = await read("usage?tenant_id=tenant_other", api.gateway.firstKey);
    expect(codeOf(reply)).toBe("AUTHZ_PERMISSION_DENIED");
  });

  test("is there again after a restart, exactly as before", async () => {
    const before = pick((await read("usage?model=acme/metered")).body, "data.items");
    await api.gateway.restart();
    expect(pick((await read("usage?model=acme/metered")).body, "data.items")).toEqual(before);
  });
});
