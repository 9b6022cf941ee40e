import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, itemsOf } from "../api/started.ts";
import { withStore } from "../api/store-file.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";
import type { Ended } from "./command.ts";

/** The longest an entry waits to be sealed. */
const SEALED_WITHIN_MS = 10_000;

describe("scaigrid audit verify", () => {
  let gateway: Gateway;
  let names = 0;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  const verify = (...more: readonly string[]): Promise<Ended> =>
    scaigrid(["audit", "verify", ...more], { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });

  /** One more entry, sealed; its id. */
  async function oneMore(): Promise<string> {
    const name = `key ${names++}`;
    const made = await gateway.api("POST", "/v1/api-keys", { body: { name } });
    const path = `/v1/audit-log?resource_id=${pickText(made.body, "data.id")}`;
    const isSealed = (entry: Readonly<Record<string, unknown>>) => entry["sealed"] === true;
    const reply = await eventually(
      "sealed entry",
      () => gateway.api("GET", path),
      (found) => itemsOf(found).some(isSealed),
      SEALED_WITHIN_MS,
    );
    return String(itemsOf(reply)[0]?.["id"]);
  }

  test("finds a log that nobody has touched whole, and gives a head to keep", async () => {
    await oneMore();
    const { code, out, err } = await verify();
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+ entries are as they were sealed; 0 wait/)]);
    const head = /`npx scaigrid audit verify --expect (\d+:[0-9a-f]{64})/.exec(err)?.[1] ?? "";
    await oneMore();
    expect((await verify("--expect", head)).code).toBe(0);
    const other = await verify(
      "--expect",
      head.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")),
    );
    expect([other.code, other.err]).toEqual([1, expect.stringContaining("cut off or rewritten")]);
  });

  test("names the entry that was changed in the database file, in words and as JSON", async () => {
    const id = await oneMore();
    const before = await withStore(gateway, (store) => {
      const row = store.query("select changes from audit_log where id = ?").get(id);
      store.run("update audit_log set changes = '{}' where id = ?", [id]);
      return pickText(row, "changes");
    });
    const told = await verify();
    expect([told.code, told.err]).toEqual([1, expect.stringContaining("1 of ")]);
    expect(told.out).toMatch(new RegExp(`^\\d+ +${id} +changed +is not what was sealed$`, "m"));
    const asJson = await verify("--json");
    expect(asJson.code).toBe(1);
    expect(pick(JSON.parse(asJson.out), "findings.0")).toMatchObject({ kind: "changed", audit_id: id });
    await withStore(gateway, (store) => {
      store.run("update audit_log set changes = ? where id = ?", [before, id]);
    });
    expect((await verify()).code).toBe(0);
  });

  test("names the entry that was deleted from the database file", async () => {
    const id = await oneMore();
    await oneMore();
    await withStore(gateway, (store) => {
      store.run("delete from audit_log where id = ?", [id]);
    });
    const told = await verify();
    expect([told.code, told.out]).toEqual([1, expect.stringMatching(new RegExp(`${id} +deleted`))]);
  });

  test("is for those who run the installation, and refuses what is no head", async () => {
    const tenantAdmin = await gateway.api("GET", "/v1/audit-log/verification", { key: gateway.firstKey });
    expect(pick(tenantAdmin.body, "error.code")).toBe("AUTHZ_PERMISSION_DENIED");
    const nonsense = await verify("--expect", "yesterday");
    expect([nonsense.code, nonsense.err]).toEqual([1, expect.stringContaining("VALIDATION_ERROR")]);
  });
});
