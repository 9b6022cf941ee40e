import { expect, test } from "bun:test";
import { rowJson } from "../../src/store/row-json.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "../start/command.ts";
import { intent, settlement } from "../store/samples.ts";
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
      ["lost", 0],
    ]);
    const page = await platform("/v1/nodes?limit=1");
    const cursor = pickText(page.body, "pagination.next_cursor");
    expect(itemsOf(await platform(`/v1/nodes?limit=1&cursor=${cursor}`))).toHaveLength(1);
  });

  test("that nobody hears of is retired and forgiven by an operator, and by nobody else", async () => {
    const act = (verb: string, id: string) => api.gateway.api("POST", `/v1/nodes/${id}/${verb}`);
    const [own] = itemsOf(await platform("/v1/nodes"));
    const ownId = String(own?.["id"]);
    const denied = await api.gateway.api("POST", `/v1/nodes/${ownId}/retire`, { key: api.gateway.firstKey });
    expect(codeOf(denied)).toBe("AUTHZ_PERMISSION_DENIED");
    const unknown = await Promise.all(["retire", "forgive"].map((verb) => act(verb, "node_none")));
    expect(unknown.map(codeOf)).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    if (api.gateway.databaseUrl === undefined) return;
    const alive = await Promise.all(["retire", "forgive"].map((verb) => act(verb, ownId)));
    expect(alive.map(codeOf)).toEqual(["CONFLICT", "CONFLICT"]);
    const gone = "node_00000000000000000000000001";
    await withShell(api.gateway, async (shell) => {
      await shell.run("select scaigrid_register_node(?, 1, 'v', 'h', 'all')", [gone]);
      await shell.run("update nodes set heard_at = 1 where id = ?", [gone]);
      await shell.run(
        "insert into budget_holds (request_id, budget_id, node_id, starts_at, pico, tokens, requests) values ('req_1', 'budget_1', ?, 0, 1, 1, 1)",
        [gone],
      );
    });
    const listed = async () => itemsOf(await platform("/v1/nodes")).find(({ id }) => id === gone);
    expect(await listed()).toMatchObject({ status: "lost", holds: 1 });
    const env = { SCAIGRID_DATA_DIR: api.gateway.dataDir };
    expect((await scaigrid(["nodes", "retire", gone], { env })).out).toContain(
      "for 1 requests stays counted",
    );
    expect(await listed()).toMatchObject({ status: "retired", holds: 1 });
    expect(codeOf(await act("retire", gone))).toBe("CONFLICT");
    expect((await scaigrid(["nodes", "forgive", gone], { env })).out).toContain("is free");
    // Nothing is left to be forgiven: that is as good.
    expect((await act("forgive", gone)).status).toBe(200);
    expect(await listed()).toMatchObject({ status: "retired", holds: 0 });
    const entries = itemsOf(await platform("/v1/audit-log?action=node.retire"));
    expect(entries.map(({ resource_id, status }) => [resource_id, status])).toContainEqual([gone, "SUCCESS"]);
  });

  test("lists what the store would not take, to be booked once it is mended, or absorbed", async () => {
    const decide = (id: string, verb: string) => platformPost(`/v1/nodes/quarantine/${id}/${verb}`);
    const platformPost = (path: string) => api.gateway.api("POST", path);
    const ids = [1, 2, 3, 4].map((seq) => `node_00000000000000000000000002-${seq}`);
    const [wrong = "", mended = "", absorbed = "", another = ""] = ids;
    for (const verb of ["retry", "absorb"]) {
      expect(codeOf(await decide("nothing", verb))).toBe("NOT_FOUND");
      expect(codeOf(await decide(wrong, verb))).toBe("NOT_FOUND");
    }
    const key = api.gateway.firstKey;
    const denied = await api.gateway.api("GET", "/v1/nodes/quarantine", { key });
    expect(codeOf(denied)).toBe("AUTHZ_PERMISSION_DENIED");
    expect(itemsOf(await platform("/v1/nodes/quarantine"))).not.toContainEqual(
      expect.objectContaining({ id: wrong }),
    );
    if (api.gateway.databaseUrl === undefined) return;
    const row = JSON.parse(rowJson(usageRow(settlement(intent()))));
    const bodies = [JSON.stringify({ ...row, cost_pico: "much" }), JSON.stringify(row), "{not json", "{"];
    await withShell(api.gateway, async (shell) => {
      for (const [place, id] of ids.entries()) {
        await shell.run(
          "insert into quarantined_rows (node_id, seq, body, reason, at, request_id) values (?, ?, ?, 'wrong', 1, ?)",
          [id.slice(0, -2), place + 1, bodies[place], row.request_id],
        );
      }
    });
    const open = async () => {
      const rows = itemsOf(await platform("/v1/nodes/quarantine")).map(({ id }) => String(id));
      return rows.filter((id) => ids.includes(id));
    };
    const first = await platform("/v1/nodes/quarantine?limit=1");
    const next = pickText(first.body, "pagination.next_cursor");
    expect(itemsOf(await platform(`/v1/nodes/quarantine?limit=1000&cursor=${next}`)).length).toBeGreaterThan(
      1,
    );
    expect(await open()).toEqual(ids);
    expect(codeOf(await decide(wrong, "retry"))).toBe("CONFLICT");
    expect(pick((await decide(mended, "retry")).body, "data.decision")).toBe("booked");
    const trace = await platform(`/v1/accounting/usage?limit=1000`);
    expect(itemsOf(trace).map(({ request_id }) => request_id)).toContain(row.request_id);
    const env = { SCAIGRID_DATA_DIR: api.gateway.dataDir };
    const done = await scaigrid(["nodes", "quarantine", "absorb", absorbed], { env });
    expect(done.out).toContain("is absorbed");
    expect(pick((await decide(another, "absorb")).body, "data.decision")).toBe("absorbed");
    expect(await open()).toEqual([wrong]);
    const health = await eventually(
      "alarm",
      () => platform("/health/detailed"),
      ({ body }) => Number(pick(body, "data.quarantined_rows")) > 0,
    );
    expect(health.status).toBe(200);
    const metrics = await fetch(`${api.gateway.url}/metrics`);
    expect(await metrics.text()).toMatch(/^scaigrid_quarantined_rows [1-9]/m);
  });
});
