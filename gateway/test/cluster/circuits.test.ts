import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, MESSAGES } from "../api/started.ts";
import { withShell } from "../api/store-shell.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { FAILURES_IN_A_ROW } from "../../src/routing/circuit.ts";
import { type Cluster, startCluster } from "./cluster.ts";

const DOWN = "fake-status?code=503";

describePart("postgres", "two nodes on one database", () => {
  let cluster: Cluster;
  const listing = new FaultUpstream({ models: [DOWN] });
  beforeAll(async () => {
    cluster = await startCluster(2);
  });
  afterAll(async () => {
    listing.stop();
    await cluster.stop();
  });

  test("each has circuits of its own, and a manual check that finds all well closes them on both", async () => {
    const first = cluster.node(0);
    const { slug, backendIds } = await addFakeBackend(first, listing, { plans: [DOWN] });
    const stateOn = (node: Gateway) =>
      node
        .api("GET", `/v1/backends/${backendIds[0]}`)
        .then(({ body }) => pick(body, "data.health.circuit_state"));
    const until = (node: Gateway, state: string) =>
      eventually(
        `${state} circuit`,
        () => node.api("GET", `/v1/backends/${backendIds[0]}`),
        ({ body }) => pick(body, "data.health.circuit_state") === state,
        15_000,
      );
    const second = cluster.node(1);
    await until(second, "closed");
    const body = { model: slug, messages: MESSAGES };
    const call = () => second.api("POST", "/v1/inference/chat", { key: cluster.firstKey, body });
    for (let i = 0; i < FAILURES_IN_A_ROW; i++) {
      // Until the second node has heard of the model and its policy, calls reach no backend.
      await eventually("failure of the backend", call, ({ status }) => status === 502, 15_000);
    }
    expect([await stateOn(first), await stateOn(second)]).toEqual(["closed", "open"]);
    // Told once, by the node that saw it.
    const seen = await second.api("GET", "/health/detailed");
    const told = () =>
      withShell(second, (store) => store.all("select payload from events where type = 'backend.unhealthy'"));
    while ((await told()).length === 0) await Bun.sleep(50);
    expect((await told()).map((row) => JSON.parse(pickText(row, "payload")))).toMatchObject([
      { resource_id: backendIds[0], node_id: pick(seen.body, "data.node_id") },
    ]);
    const checked = await first.api("GET", `/v1/backends/${backendIds[0]}/health`);
    expect(pick(checked.body, "data")).toMatchObject({ status: "healthy", circuit_closed: false });
    await until(second, "closed");
  });
});
