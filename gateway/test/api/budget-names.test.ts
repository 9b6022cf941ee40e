import { beforeAll, expect, test } from "bun:test";
import { describeApi, itemsOf } from "./started.ts";
import { addCaller, addPartner, addTenant, type Caller, madeId } from "./tenancy.ts";

const PATH = "/v1/accounting/budgets";

/** What a caller is told of the budgets they may see: `scope name`, without a name where none is told. */
async function namesFor(who: Caller): Promise<string[]> {
  const budgets = itemsOf(await who.call("GET", PATH));
  for (const { id, scope_name } of budgets) {
    const alone = await who.call("GET", `${PATH}/${String(id)}`);
    expect(alone.body).toHaveProperty("data.id", id);
    expect(Object(alone.body).data.scope_name).toBe(scope_name);
  }
  return budgets.map(({ scope, scope_name }) => [scope, scope_name].join(" ").trim()).toSorted();
}

describeApi("the name of whose a budget is", (api) => {
  const house = { partner: "", partnerName: "", tenants: [] as string[] };
  beforeAll(async () => {
    const post = async (path: string, body: object) => madeId(await api.gateway.api("POST", path, { body }));
    const budget = (scope: string, scope_id: string) =>
      post(PATH, { scope, scope_id, period: "daily", request_limit: 9 });
    const furnish = async (tenant: string, name: string) => {
      const user = { display_name: name, email: `${name}@example.com`, tenant_id: tenant };
      const userId = await post("/v1/users", user);
      await budget("tenant", tenant);
      await budget("user", userId);
      await budget("group", await post("/v1/groups", { name: `friends of ${name}`, tenant_id: tenant }));
      await budget(
        "api_key",
        await post("/v1/api-keys", { name: `key of ${name}`, assigned_user_id: userId }),
      );
    };
    house.partner = await addPartner(api.gateway, "names-house");
    house.tenants = [
      await addTenant(api.gateway, house.partner, "names-one"),
      await addTenant(api.gateway, house.partner, "names-two"),
    ];
    await budget("partner", house.partner);
    await furnish(house.tenants[0] ?? "", "ada");
    await furnish(house.tenants[1] ?? "", "bo");
    const elsewhere = await addPartner(api.gateway, "names-elsewhere");
    await budget("partner", elsewhere);
    await furnish(await addTenant(api.gateway, elsewhere, "names-three"), "cy");
  });

  const callerWith = (role: string, tenant = 0) =>
    addCaller(api.gateway, { roles: [role], tenantId: house.tenants[tenant] ?? "" });
  const one = ["api_key key of ada", "group friends of ada", "tenant names-one", "user ada@example.com"];
  const two = ["api_key key of bo", "group friends of bo", "tenant names-two", "user bo@example.com"];

  test("is told to an administrator of a tenant for what is in the tenant, and of nothing beside or above", async () => {
    expect(await namesFor(await callerWith("tenant_admin"))).toEqual(one);
    expect(await namesFor(await callerWith("tenant_admin", 1))).toEqual(two);
  });

  test("is told to an administrator of a partner for all its tenants, and of no other partner's", async () => {
    const all = [...one, ...two, "partner names-house"].toSorted();
    expect(await namesFor(await callerWith("partner_admin"))).toEqual(all);
  });

  test("is not told to who reads the accounts and may not look up whose they are", async () => {
    const scopes = [...one, ...two, "partner"].map((each) => each.split(" ")[0] ?? "").toSorted();
    expect(await namesFor(await callerWith("partner_viewer"))).toEqual(scopes);
  });

  test("is told of a budget of one's own, to anybody", async () => {
    const who = await callerWith("tenant_viewer");
    const body = { scope: "user", scope_id: who.userId, period: "daily", request_limit: 9 };
    expect((await api.gateway.api("POST", PATH, { body })).body).toHaveProperty(
      "data.scope_name",
      "tenant_viewer",
    );
    expect(await namesFor(who)).toEqual(["user tenant_viewer"]);
  });
});
