import { afterAll, beforeAll, expect, test } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { pick, pickText } from "../harness/json.ts";
import { MESSAGES, describeApi, detailsOf, eventually } from "./started.ts";

const NODES = 3;

describeApi("a pool of servers", (api) => {
  const nodes: FaultUpstream[] = [];
  beforeAll(() => {
    for (let n = 0; n < NODES; n++) nodes.push(new FaultUpstream());
  });
  afterAll(() => {
    for (const node of nodes) node.stop();
  });
  const make = (body: object) => api.gateway.api("POST", "/v1/providers", { body });

  /** A model that the pool serves. */
  async function served(plan: string): Promise<{ slug: string; providerId: string }> {
    const slug = `pool/${crypto.randomUUID()}`;
    const urls = nodes.map(({ url }) => url);
    const provider = await make({ type: "scaiinfer", name: slug, nodes: urls });
    expect(provider.status).toBe(201);
    const providerId = pickText(provider.body, "data.id");
    const add = async (path: string, body: object) =>
      pickText((await api.gateway.api("POST", path, { body })).body, "data.id");
    const backend = await add("/v1/backends", { provider_id: providerId, upstream_model: plan, free: true });
    const model = await add("/v1/models", {
      slug,
      display_name: slug,
      modality: "chat",
      context_window: 8_000,
      free: true,
    });
    await add("/v1/routing-policies", { model_id: model, targets: [{ backend_id: backend }] });
    return { slug, providerId };
  }
  const nodesOf = async (providerId: string): Promise<unknown> =>
    pick((await api.gateway.api("GET", `/v1/providers/${providerId}`)).body, "data.nodes");
  const calls = () =>
    nodes.map(({ log }) => log.records.filter(({ path }) => path.endsWith("/completions")).length);

  test("shares calls evenly, whole and streamed", async () => {
    const { slug, providerId } = await served("fake-ok");
    const before = calls();
    for (let n = 0; n < 12; n++) {
      const body = { model: slug, messages: MESSAGES };
      if (n % 2 === 0) expect((await api.chat(body)).status).toBe(200);
      else expect((await (await api.stream(body)).end()).finishReason).toBe("stop");
    }
    expect(calls().map((count, at) => count - (before[at] ?? 0))).toEqual([4, 4, 4]);
    expect(await nodesOf(providerId)).toEqual(nodes.map(({ url }) => ({ url, healthy: true, in_flight: 0 })));
  });

  test("answers all the same while a server is away, and asks it again once it is back", async () => {
    const { slug, providerId } = await served("fake-ok");
    const [gone] = nodes;
    if (!gone) throw new Error("no node");
    const { port } = gone;
    gone.stop();
    for (let n = 0; n < 9; n++)
      expect((await api.chat({ model: slug, messages: MESSAGES })).status).toBe(200);
    expect(pick(await nodesOf(providerId), "0")).toMatchObject({ healthy: false, in_flight: 0 });
    nodes[0] = new FaultUpstream({ port });
    await eventually(
      "the server to be found again",
      () => api.gateway.api("GET", `/v1/providers/${providerId}`),
      (reply) => pick(reply.body, "data.nodes.0.healthy") === true,
      20_000,
    );
    for (let n = 0; n < NODES; n++) await api.chat({ model: slug, messages: MESSAGES });
    expect(calls()[0]).toBeGreaterThan(0);
  }, 30_000);

  test("is told apart from a single server by its fields", async () => {
    const url = "https://a.example/v1";
    const fieldsOf = async (body: object): Promise<string[]> =>
      detailsOf(await make({ name: "Pool", ...body })).map(({ field }) => String(field));
    expect(await fieldsOf({ type: "scaiinfer" })).toEqual(["nodes"]);
    expect(await fieldsOf({ type: "scaiinfer", nodes: [] })).toEqual(["nodes"]);
    expect(await fieldsOf({ type: "scaiinfer", nodes: [url], base_url: url })).toEqual(["base_url"]);
    expect(await fieldsOf({ type: "custom", base_url: url, nodes: [url] })).toEqual(["nodes"]);
    expect(await fieldsOf({ type: "scaiinfer", nodes: [url, `${url}/`] })).toEqual(["nodes[1]"]);
    expect(await fieldsOf({ type: "scaiinfer", nodes: [url, "http://169.254.169.254/v1"] })).toEqual([
      "nodes[1]",
    ]);
  });

  test("takes its key to no other server than it was given for", async () => {
    const nodesBefore = ["https://a.example/v1", "https://b.example/v1"];
    const made = await make({
      type: "scaiinfer",
      name: "Pool",
      nodes: nodesBefore,
      connection_config: { api_key: "a key of the pool" },
    });
    expect(detailsOf(made).map(({ field }) => field)).toEqual(["connection_config.api_key"]);
    const keyed = await make({
      type: "scaiinfer",
      name: "Pool",
      nodes: nodesBefore,
      connection_config: { api_key: "a-key-of-the-pool" },
    });
    const path = `/v1/providers/${pickText(keyed.body, "data.id")}`;
    const change = (nodes_: readonly string[]) => api.gateway.api("PATCH", path, { body: { nodes: nodes_ } });
    expect((await change(["https://b.example/v1"])).status).toBe(200);
    const elsewhere = await change(["https://b.example/v1", "https://c.example/v1"]);
    expect(detailsOf(elsewhere).map(({ field }) => field)).toEqual(["connection_config"]);
  });
});
