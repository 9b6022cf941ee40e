import { afterAll, beforeAll, expect, test } from "bun:test";
import { poll } from "../durability/poll.ts";
import type { ApiReply } from "../harness/api.ts";
import { pick, pickText } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { ask, Stage } from "./stage.ts";

const START_MS = 90_000;
const SCENE_MS = 180_000;
const FEW = 37;
const IN_FLIGHT = 10;

describePart("postgres", "a node of three", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  }, START_MS);
  afterAll(() => stage.close(), START_MS);

  test(
    "that is retired in its absence is counted on; back again it settles what it had, is refused more, and ends",
    async () => {
      const gate = "retired";
      const who = await stage.spender(FEW, `fake-ok?tokens=100&gate=${gate}`);
      const [first, node] = stage.nodes;
      const nodeId = pickText((await node.api("GET", "/health/detailed")).body, "data.node_id");
      const calls = Array.from({ length: IN_FLIGHT }, () => ask(node, who.key, who.slug));
      await poll("calls in flight", async () => (await stage.held()) === IN_FLIGHT);
      process.kill(node.pid, "SIGSTOP");
      let retired: ApiReply;
      let refused: ApiReply;
      try {
        await stage.sql(`update nodes set heard_at = heard_at - 61000 where id = '${nodeId}'`);
        const alive = await first.api("POST", `/v1/nodes/${nodeId}/forgive`);
        expect(alive.status).toBe(409);
        retired = await first.api("POST", `/v1/nodes/${nodeId}/retire`);
        expect(pick(retired.body, "data")).toMatchObject({ status: "retired", holds: IN_FLIGHT });
        expect(await stage.number("select sum(retired_requests) from budget_windows")).toBe(IN_FLIGHT);
        // More than is left beside what it holds: nobody need wait for that.
        const body = { model: who.slug, max_tokens: 3_000, messages: [{ role: "user", content: "x" }] };
        refused = await first.api("POST", "/v1/inference/chat", { key: who.key, body });
        expect(pick(refused.body, "error.code")).toBe("BUDGET_EXCEEDED");
        expect(pickText(refused.body, "error.hint")).toContain(nodeId);
      } finally {
        process.kill(node.pid, "SIGCONT");
      }
      stage.fake.gates.open(gate);
      expect(new Set(await Promise.all(calls))).toEqual(new Set(["200"]));
      const ended = await node.exited(30_000).then(
        () => "in good order",
        (error: unknown) => String(error),
      );
      expect(ended).toContain("retired this node");
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(IN_FLIGHT);
      await node.restart();
      while ((await ask(node, who.key, who.slug)) === "200") continue;
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(FEW);
      const admissions = await stage.admissions();
      console.log(JSON.stringify({ scene: "retired and back", admissions, breaches: 0, retired: IN_FLIGHT }));
    },
    SCENE_MS,
  );

  test(
    "whose data folder is copied while it runs: who starts in the copy settles nothing of its",
    async () => {
      const gate = "copied";
      const who = await stage.spender(FEW, `fake-ok?tokens=100&gate=${gate}`);
      const [first] = stage.nodes;
      const calls = Array.from({ length: IN_FLIGHT }, () => ask(first, who.key, who.slug));
      await poll("calls in flight", async () => (await stage.held()) === IN_FLIGHT);
      try {
        // It looks for journals to take over before it listens.
        const joined = await stage.cluster.join({ dataDir: stage.copyFolder(first) });
        expect(await stage.held()).toBe(IN_FLIGHT);
        stage.fake.gates.open(gate);
        expect(new Set(await Promise.all(calls))).toEqual(new Set(["200"]));
        expect(await ask(joined, who.key, who.slug)).toBe("200");
        await stage.demandExact();
        expect(await stage.spent(who.budgetId)).toBe(IN_FLIGHT + 1);
        const admissions = await stage.admissions();
        console.log(JSON.stringify({ scene: "copied data folder", admissions, breaches: 0 }));
      } finally {
        stage.fake.gates.open(gate);
      }
    },
    SCENE_MS,
  );
});
