import { expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { scaigrid } from "../start/command.ts";
import { codeOf, describeApi, itemsOf, type Started } from "./started.ts";
import { withShell } from "./store-shell.ts";
import { addCaller, addTenant, freshSlug, madeId } from "./tenancy.ts";

const BOOKS = "/v1/accounting/price-books";
const DEAR = { input_per_mtok: "20", output_per_mtok: "100" };

// Whatever becomes of what nobody has priced: nobody has decided that these are nothing.
for (const unpriced of ["refuse", "serve"]) {
  describeApi(`prices that cannot be read (${unpriced})`, keepNothingElse, { SCAIGRID_UNPRICED: unpriced });
}

function keepNothingElse(api: Started): void {
  const read = (path: string) => api.gateway.api("GET", path);
  const versionsOf = async (query: string) => itemsOf(await read(`/v1/accounting/price-versions?${query}`));
  const inForce = async (query: string) =>
    String((await versionsOf(query)).find(({ state }) => state === "in_force")?.["id"]);
  const spoil = (table: string, id: string, text: string) =>
    withShell(api.gateway, (store) => store.run(`update ${table} set rates = ? where id = ?`, [text, id]));

  /** A model of a tenant over a backend that is granted to it, at a price above what that costs. */
  async function granted(tenantSlug: string, tenant_id: string) {
    const made = async (path: string, body: object) => madeId(await api.gateway.api("POST", path, { body }));
    const backend_id = (await api.model("fake-ok?tokens=5")).backendIds[0];
    const grantId = await made("/v1/backend-grants", { backend_id, tenant_id, prices: DEAR });
    const slug = `tenant/${tenantSlug}/${freshSlug("bot")}`;
    const priced = { input_per_mtok: "0.1", output_per_mtok: "0.1" };
    const model_id = await made("/v1/models", { slug, context_window: 8_000, prices: priced });
    await made("/v1/routing-policies", { model_id, targets: [{ backend_id, priority: 1 }] });
    return { slug, priceId: await inForce(`grant_id=${grantId}`) };
  }

  async function examined(): Promise<unknown> {
    const { dataDir, databaseUrl } = api.gateway;
    const env = {
      SCAIGRID_DATA_DIR: dataDir,
      ...(databaseUrl !== undefined && { SCAIGRID_DATABASE_URL: databaseUrl }),
    };
    const findings: unknown = JSON.parse((await scaigrid(["doctor", "--json"], { env })).out);
    const all = Array.isArray(findings) ? findings.filter(isObject) : [];
    return all.find(({ check }) => check === "prices")?.["state"];
  }

  test("keep nothing else from being served, are told, and no other price takes their place", async () => {
    const tenantSlug = freshSlug("payer");
    const tenantId = await addTenant(api.gateway, undefined, tenantSlug);
    const caller = await addCaller(api.gateway, { roles: ["tenant_admin"], tenantId });
    const [priced, whole, booked, costed, emptied] = [
      await api.model("fake-ok?tokens=5"),
      await api.model("fake-ok?tokens=5"),
      await api.model("fake-ok?tokens=5"),
      await api.model("fake-ok?tokens=5"),
      await api.model("fake-ok?tokens=5"),
    ];
    const asked = async ({ slug }: { readonly slug: string }, key?: string) =>
      codeOf(await api.chat({ model: slug }, key === undefined ? {} : { key }));
    // One that is cheaper was in force before.
    expect(
      (await api.gateway.api("PATCH", `/v1/models/${priced.modelId}`, { body: { prices: DEAR } })).status,
    ).toBe(200);
    const entry = { tenant_id: tenantId, model_id: booked.modelId, prices: DEAR };
    const entryId = pickText((await api.gateway.api("POST", BOOKS, { body: entry })).body, "data.id");
    const versionId = await inForce(`model_id=${priced.modelId}`);
    const costId = await inForce(`backend_id=${costed.backendIds[0]}`);
    const emptyId = await inForce(`model_id=${emptied.modelId}`);
    const floored = await granted(tenantSlug, tenantId);
    expect(pick((await read("/health/detailed")).body, "data.unreadable_prices")).toBe(0);
    expect(await examined()).toBe("ok");
    expect(await spoil("price_versions", versionId, '{"input":"20000')).toBe(1);
    expect(await spoil("price_versions", costId, '{"input":"2.5"}')).toBe(1);
    expect(await spoil("price_versions", emptyId, '{"input":"","output":""}')).toBe(1);
    expect(await spoil("price_versions", floored.priceId, "{")).toBe(1);
    expect(await spoil("price_entries", entryId, "null")).toBe(1);

    await api.gateway.restart();
    expect(await asked(whole)).toBeUndefined();
    expect(await asked(priced)).toBe("MODEL_NOT_PRICED");
    expect(await asked(costed)).toBe("MODEL_NOT_PRICED");
    expect(await asked(emptied)).toBe("MODEL_NOT_PRICED");
    // What it costs is no price of the grant's.
    expect(await asked(floored, caller.key)).toBe("MODEL_NOT_PRICED");
    const shownPrice = (await read(`/v1/accounting/effective-prices/${priced.slug}`)).body;
    expect(pick(shownPrice, "data.is_priced")).toBe(false);
    expect(await asked(booked)).toBeUndefined();
    expect(await asked(booked, caller.key)).toBe("MODEL_NOT_PRICED");

    const told = api.gateway.output.text.split("\n").filter((line) => line.includes("price_unreadable"));
    const spoilt = [versionId, costId, emptyId, floored.priceId, entryId];
    for (const id of spoilt) expect(told.join("\n")).toContain(id);
    expect(told.length).toBe(5);
    expect(pick((await read("/health/detailed")).body, "data.unreadable_prices")).toBe(5);
    expect(await examined()).toBe("failed");
    const states = (await versionsOf(`model_id=${priced.modelId}`)).map(({ id, state }) => [id, state]);
    expect(states).toContainEqual([versionId, "unreadable"]);
    const shown = itemsOf(await read(`${BOOKS}?tenant_id=${tenantId}`));
    expect(shown).toMatchObject([{ id: entryId, state: "unreadable", prices: {} }]);

    // What is set anew is in force.
    await api.gateway.api("PATCH", `/v1/models/${priced.modelId}`, { body: { prices: DEAR } });
    expect(await asked(priced)).toBeUndefined();
  });
}
