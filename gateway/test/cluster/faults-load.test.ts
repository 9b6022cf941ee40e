import { afterAll, beforeAll, expect, test } from "bun:test";
import { poll } from "../durability/poll.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { ask, Callers, OUTAGE_MS, PAUSE_MS, Stage, type Tally } from "./stage.ts";

const START_MS = 90_000;
const SCENE_MS = 180_000;
/** What each budget affords: enough for every scene to end before it does, or little enough to run out in it. */
const MANY = 100_000;
const FEW = 37;
const PER_NODE = 8;

/** The only outcomes there are where a budget blocks and its store may be away. */
const EXPECTED = new Set(["200", "BUDGET_RESERVED", "BUDGET_EXCEEDED", "DEPENDENCY_UNAVAILABLE"]);

describePart("postgres", "three nodes under budgets", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  }, START_MS);
  afterAll(() => stage.close(), START_MS);

  function demandExpected(tally: Tally, also: readonly string[] = []): void {
    expect(Object.keys(tally).filter((name) => !EXPECTED.has(name) && !also.includes(name))).toEqual([]);
  }

  async function print(scene: string, figures: object): Promise<void> {
    console.log(JSON.stringify({ scene, admissions: await stage.admissions(), breaches: 0, ...figures }));
  }

  test(
    "whose store stops: in-flight calls end, those under no budget are served, others are told at once, and all is exact afterwards",
    async () => {
      const who = await stage.spender(MANY);
      const free = await stage.free(who.slug);
      const open = await stage.stream(who);
      const [blocked, others] = [new Callers(stage.nodes, who, PER_NODE), new Callers(stage.nodes, free, 2)];
      await poll("load", () => blocked.count(200) > 50 && others.count(200) > 50);
      await stage.server.down();
      const [before, refusedBefore] = [others.count(200), blocked.count("DEPENDENCY_UNAVAILABLE")];
      blocked.slowestMs = 0;
      expect(await open.finish()).toBe(1);
      const downMs = performance.now();
      await poll("calls meanwhile", () => others.count(200) > before + 50);
      await poll("refusals meanwhile", () => blocked.count("DEPENDENCY_UNAVAILABLE") > refusedBefore + 50);
      await Bun.sleep(Math.max(0, OUTAGE_MS - (performance.now() - downMs)));
      const { slowestMs } = blocked;
      await stage.server.up();
      await stage.ready();
      const served = blocked.count(200);
      await poll("calls under the budget again", () => blocked.count(200) > served + 20);
      const [tally, freeTally] = [await blocked.stop(), await others.stop()];
      demandExpected(tally);
      expect(Object.keys(freeTally)).toEqual(["200"]);
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(blocked.count(200) + 1);
      await print("store stopped", {
        outageMs: OUTAGE_MS,
        slowestMs: Math.round(slowestMs),
        tally,
        freeTally,
      });
    },
    SCENE_MS + OUTAGE_MS,
  );

  test(
    "whose store comes back without its last commits: they are sent again, and what is in flight is held again",
    async () => {
      const who = await stage.spender(MANY);
      await stage.demandExact();
      await stage.server.down();
      await stage.server.save();
      await stage.server.up();
      await stage.ready();
      const open = await stage.stream(who);
      const callers = new Callers(stage.nodes, who, PER_NODE);
      await poll("load", () => callers.count(200) > 100);
      await stage.server.down();
      await stage.server.setBack();
      await stage.server.up();
      await stage.ready();
      const again = callers.count(200);
      await poll("calls again", () => callers.count(200) > again + 20);
      const tally = await callers.stop();
      // Held again by the node that has it in flight: the server knew nothing of it.
      await poll("the stream's hold alone", async () => (await stage.held()) === 1);
      expect(await open.finish()).toBe(1);
      demandExpected(tally);
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(callers.count(200) + 1);
      await print("store set back", { tally });
    },
    SCENE_MS,
  );

  test(
    "of which one is killed in the middle: its start settles what it had, and the budget is used to its last request",
    async () => {
      const who = await stage.spender(FEW);
      const callers = new Callers(stage.nodes, who, PER_NODE);
      const [, node] = stage.nodes;
      await poll("load", () => callers.count(200) > 5);
      await node.kill();
      await poll(
        "the others at the limit",
        () => callers.count("BUDGET_EXCEEDED") + callers.count("BUDGET_RESERVED") > 20,
      );
      await node.restart();
      const tally = await callers.stop();
      demandExpected(tally, ["no answer"]);
      await stage.demandExact();
      while ((await ask(stage.nodes[0], who.key, who.slug)) === "200") continue;
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(FEW);
      await print("node killed", { tally });
    },
    SCENE_MS,
  );

  test(
    "of which one is halted in the middle of admissions and commits, and wakes later",
    async () => {
      const who = await stage.spender(FEW);
      const [first, , node] = stage.nodes;
      const callers = new Callers(stage.nodes, who, PER_NODE);
      // Transactions of several statements, which it may be halted in.
      const changing = new AbortController();
      const changes = (async () => {
        for (let n = 0; !changing.signal.aborted; n++) {
          const body = { soft_limit_pct: 0.5 + (n % 5) / 10 };
          await node.api("PATCH", `/v1/accounting/budgets/${who.budgetId}`, { body, timeoutMs: SCENE_MS });
        }
      })();
      await poll("load", () => callers.count(200) > 5);
      const { pid } = node;
      process.kill(pid, "SIGSTOP");
      try {
        const served = callers.answered;
        await poll("answers of the others", () => callers.answered > served + 20);
        await Bun.sleep(PAUSE_MS);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      changing.abort();
      await changes;
      const tally = await callers.stop();
      demandExpected(tally);
      await stage.demandExact();
      while ((await ask(first, who.key, who.slug)) === "200") continue;
      await stage.demandExact();
      expect(await stage.spent(who.budgetId)).toBe(FEW);
      await print("node halted", { pauseMs: PAUSE_MS, tally });
    },
    SCENE_MS,
  );

  for (const fault of ["refusing", "silent", "deaf"] as const) {
    test(
      `of which one loses the store by a network that is ${fault}, and finds it again`,
      async () => {
        const who = await stage.spender(FEW);
        const callers = new Callers(stage.nodes, who, PER_NODE);
        const network = stage.network(1);
        await poll("load", () => callers.count(200) > 5);
        network.state = fault;
        try {
          const refused = callers.count("DEPENDENCY_UNAVAILABLE");
          await poll("refusals of the one", () => callers.count("DEPENDENCY_UNAVAILABLE") > refused + 5);
          await Bun.sleep(fault === "silent" ? 0 : 500);
        } finally {
          // What was swallowed is never answered: the connections are of no use any more.
          network.state = "refusing";
          network.state = "open";
        }
        await stage.ready();
        const tally = await callers.stop();
        demandExpected(tally);
        await stage.demandExact();
        while ((await ask(stage.nodes[1], who.key, who.slug)) === "200") continue;
        await stage.demandExact();
        expect(await stage.spent(who.budgetId)).toBe(FEW);
        await print(`network ${fault}`, { lostBytes: network.lost, tally });
      },
      SCENE_MS,
    );
  }

  test(
    "whose limit is lowered with requests in flight: these end, no more are admitted until it has room",
    async () => {
      const who = await stage.spender(MANY, "fake-ok?tokens=100&gate=lowered");
      const calls = Array.from({ length: 30 }, (_, n) =>
        ask(stage.nodes[n % 3] ?? stage.nodes[0], who.key, who.slug),
      );
      await poll("calls in flight", async () => (await stage.held()) === 30);
      const path = `/v1/accounting/budgets/${who.budgetId}`;
      const changed = await stage.nodes[0].api("PATCH", path, { body: { cost_limit: "0.031" } });
      expect(pick(changed.body, "data.cost_limit")).toBe("0.031");
      // There is room for one more.
      const refused: string[] = [];
      const late = stage.nodes.map(async (node) => {
        const outcome = await ask(node, who.key, who.slug);
        if (outcome !== "200") refused.push(outcome);
        return outcome;
      });
      await poll("refusals of all but one", () => refused.length === 2);
      stage.fake.gates.open("lowered");
      expect(new Set(await Promise.all(calls))).toEqual(new Set(["200"]));
      expect((await Promise.all(late)).filter((outcome) => outcome === "200")).toHaveLength(1);
      await stage.demandExact();
      const more = await Promise.all(stage.nodes.map((node) => ask(node, who.key, who.slug)));
      await stage.demandExact();
      expect(more).toEqual(["BUDGET_EXCEEDED", "BUDGET_EXCEEDED", "BUDGET_EXCEEDED"]);
      expect(await stage.spent(who.budgetId)).toBe(31);
      await print("limit lowered", { refused, more });
    },
    SCENE_MS,
  );
});
