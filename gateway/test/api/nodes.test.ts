import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "../start/command.ts";
import { codeOf, describeApi, eventually, itemsOf } from "./started.ts";
import { withShell } from "./store-shell.ts";

describeApi("a node", (api) => {
  const platform = (path: string) => api.gateway.api("GET", path);

  test("tells the platform how it fares, in figures, and nobody else", async () => {
    const idle = await platform("/health/detailed");
    expect(pick(idle.body, "data")).toMatchObject({
      status: "ready",
      checks: { database: "ok", journal: "ok" },
      engine: api.gateway.databaseUrl === undefined ? "sqlite" : "postgres",
      in_flight: 0,
      streams_open: 0,
      circuits_open: 0,
    });
    await api.model("fake-ok");
    const messages = [{ role: "user", content: "word ".repeat(200) }];
    const stream = await api.stream({
      messages,
      metadata: { simulate: JSON.stringify({ token_ms: 100 }) },
    });
    const busy = await eventually(
      "open stream",
      () => platform("/health/detailed"),
      (reply) => pick(reply.body, "data.streams_open") === 1,
    );
    expect(pick(busy.body, "data")).toMatchObject({ in_flight: 1 });
    expect(Number(pick(busy.body, "data.backends"))).toBeGreaterThan(
      Number(pick(idle.body, "data.backends")),
    );
    stream.leave();
    const denied = await api.gateway.api("GET", "/health/detailed", { key: api.gateway.firstKey });
    expect([denied.status, codeOf(denied)]).toEqual([403, "AUTHZ_PERMISSION_DENIED"]);
    const stranger = await api.gateway.api("GET", "/health/detailed", { key: undefined });
    expect([stranger.status, codeOf(stranger)]).toEqual([401, "AUTH_TOKEN_MISSING"]);
  });

  test("is one of those that share the store, with what the store would not take of it", async () => {
    const [own] = itemsOf(await platform("/v1/nodes"));
    expect(own).toMatchObject({ status: "alive", current: true, quarantined: 0 });
    const denied = await api.gateway.api("GET", "/v1/nodes", { key: api.gateway.firstKey });
    expect(codeOf(denied)).toBe("AUTHZ_PERMISSION_DENIED");
    const listed = await scaigrid(["nodes", "list", "--json"], {
      env: { SCAIGRID_DATA_DIR: api.gateway.dataDir },
    });
    expect([listed.code, pick(JSON.parse(listed.out), "0.id")]).toEqual([0, own?.["id"]]);
    if (api.gateway.databaseUrl === undefined) return;
    const health = await platform("/health/detailed");
    expect(pickText(health.body, "data.node_id")).toBe(String(own?.["id"]));
    await withShell(api.gateway, async (shell) => {
      await shell.run(
        "insert into quarantined_rows (node_id, seq, body, reason, at) values (?, 7, '{}', 'x', 1)",
        [own?.["id"]],
      );
      const gone = "node_00000000000000000000000000";
      await shell.run(
        "insert into nodes (id, host, version, started_at, heard_at, flushed_at, last_seq) values (?, 'h', 'v', 1, 1, 1, 0)",
        [gone],
      );
    });
    const nodes = itemsOf(await platform("/v1/nodes"));
    expect(nodes.map(({ status, quarantined }) => [status, quarantined])).toEqual([
      ["alive", 1],
      ["silent", 0],
    ]);
    const page = await platform("/v1/nodes?limit=1");
    const cursor = pickText(page.body, "pagination.next_cursor");
    expect(itemsOf(await platform(`/v1/nodes?limit=1&cursor=${cursor}`))).toHaveLength(1);
  });
});
