import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { addTenant, madeId } from "../api/tenancy.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { scaigrid } from "./command.ts";
import type { Ended } from "./command.ts";

const TEST_MS_MAX = 150_000;
const SLUG = "acme/assistant";
const HEAD = { source: "facts, of somebody", date: "2026-11-01", currency: "USD" };

describe("scaigrid prices", () => {
  let gateway: Gateway;
  let tenantId: string;
  beforeAll(async () => {
    gateway = await startGateway();
    tenantId = await addTenant(gateway);
    madeId(await gateway.api("POST", "/v1/models", { body: { slug: SLUG, context_window: 8_000 } }));
  });
  afterAll(() => gateway.stop());

  const command = (...args: readonly string[]): Promise<Ended> =>
    scaigrid(["prices", ...args], { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  const json = async (...args: readonly string[]): Promise<unknown> => {
    const { code, out, err } = await command(...args, "--json");
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out);
  };
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, err } = await command(...args);
    expect(code).toBe(1);
    return err;
  };

  test(
    "sets a model's price, marks it up for a tenant, tells how it came about, and ends the mark-up",
    async () => {
      const set = await command("set", SLUG, "--input", "2", "--output", "10");
      expect([set.code, set.out]).toEqual([0, `${SLUG} has a new price\n`]);
      const made = await command("mark-up", "-10", "--tenant", tenantId);
      expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^entry_\w{26}\n$/)]);
      const id = made.out.trim();
      const shown = await command("show", SLUG, "--tenant", tenantId);
      expect(shown.out).toMatch(/^platform +2 +10 +– +price_/m);
      expect(shown.out).toMatch(new RegExp(`^tenant +1.8 +9 +-10 % +${id}`, "m"));
      expect(pick(await json("show", SLUG, "--tenant", tenantId), "prices.output_per_mtok")).toBe("9");
      expect(await json("list", "--tenant", tenantId)).toEqual([
        expect.objectContaining({ id, model_id: "*", mark_up_percent: "-10", state: "in_force" }),
      ]);
      expect((await command("list")).out).toMatch(
        new RegExp(`^${id} +${tenantId} +\\* +-10 % .* in_force +platform`, "m"),
      );
      expect((await command("end", id)).out).toBe(`${id} has ended\n`);
      expect(pick(await json("show", SLUG, "--tenant", tenantId), "prices.output_per_mtok")).toBe("10");
    },
    TEST_MS_MAX,
  );

  test(
    "sets what one tenant pays for one model, and says which option is wrong",
    async () => {
      const terms = ["--tenant", tenantId, "--input", "7", "--output", "8"];
      const until = "2199-01-01T00:00:00Z";
      const entry = pickText(await json("set", SLUG, ...terms, "--until", until), "id");
      expect(await json("list", "--model", SLUG)).toMatchObject([
        { id: entry, prices: { input_per_mtok: "7" }, effective_until: "2199-01-01T00:00:00.000Z" },
      ]);
      expect(await refused("set", SLUG, ...terms, "--input", "-1")).toContain(
        "--input: must not be negative",
      );
      expect(await refused("mark-up", "-200", "--tenant", tenantId)).toContain(
        "<percent>: must not be below -100",
      );
      expect(await refused("mark-up", "5")).toContain("--tenant: give either --tenant or --partner");
      expect(await refused("set", SLUG, "--input", "1", "--from", until)).toContain(
        "need --tenant or --partner",
      );
    },
    TEST_MS_MAX,
  );

  test(
    "tells what a catalogue would change before it takes it over, and leaves what was typed in",
    async () => {
      const provider = { type: "openai", name: "openai", connection_config: { api_key: "sk-none" } };
      const provider_id = madeId(await gateway.api("POST", "/v1/providers", { body: provider }));
      const costs = { input_per_mtok: "1", output_per_mtok: "2" };
      const of = (upstream_model: string, more: object) => ({ provider_id, upstream_model, costs, ...more });
      const sourced = { cost_source: "facts, 2026-01-01" };
      const ids: string[] = [];
      for (const body of [of("m-new", sourced), of("m-typed", {}), of("m-same", sourced)]) {
        ids.push(madeId(await gateway.api("POST", "/v1/backends", { body })));
      }
      const price = {
        slug: "openai/m-new",
        context_window: 9,
        prices: costs,
        price_source: "facts, 2026-01-01",
      };
      const modelId = madeId(await gateway.api("POST", "/v1/models", { body: price }));
      const line = (id: string, prices: object) =>
        JSON.stringify({ vendor: "openai", id, name: id, modality: "chat", capabilities: [], prices });
      const dearer = { input_per_mtok: "1.5", output_per_mtok: "2" };
      const file = join(gateway.dataDir, "catalogue.ndjson");
      await Bun.write(
        file,
        [JSON.stringify(HEAD), line("m-new", dearer), line("m-typed", dearer), line("m-same", costs)].join(
          "\n",
        ),
      );
      const costOf = async (id = "") =>
        pick((await gateway.api("GET", `/v1/backends/${id}`)).body, "data.costs.input_per_mtok");
      const told = await command("import", file);
      expect([told.code, told.err]).toEqual([0, "2 differ from facts, 2026-11-01; nothing is changed\n"]);
      expect(told.out).toMatch(/^cost +openai:m-new +input_per_mtok +1 +1.5$/m);
      expect(told.out).toMatch(/^cost +openai:m-typed +input_per_mtok +1 +1.5 +stays: typed in/m);
      expect(told.out).toMatch(/^price +openai\/m-new +input_per_mtok +1 +1.5$/m);
      expect(told.out).not.toContain("m-same");
      expect(await costOf(ids[0])).toBe("1");
      expect(pick(await json("import", file, "--yes"), "taken_over")).toBe(2);
      expect([await costOf(ids[0]), await costOf(ids[1])]).toEqual(["1.5", "1"]);
      const priced = (await gateway.api("GET", `/v1/models/${modelId}`)).body;
      expect(pick(priced, "data")).toMatchObject({
        input_price_per_mtok: "1.5",
        price_source: "facts, 2026-11-01",
      });
      expect(pick(await json("import", file, "--yes", "--all"), "taken_over")).toBe(1);
      expect((await command("import", file)).out).toBe("everything is as in facts, 2026-11-01\n");
      expect((await command("diff")).out).toBe(`everything is as in ${await shippedMark()}\n`);
      await Bun.write(file, "{}");
      expect(await refused("import", file)).toContain("this is no price catalogue");
      await Bun.write(file, JSON.stringify({ ...HEAD, currency: "EUR" }));
      expect(await refused("import", file)).toContain("the catalogue is in EUR, this installation in USD");
    },
    TEST_MS_MAX,
  );

  async function shippedMark(): Promise<string> {
    return pickText((await gateway.api("GET", "/v1/provider-presets/openai")).body, "data.price_source");
  }
});
