import { expect, test } from "bun:test";
import type { Budget } from "../../src/core/budget.ts";
import { newId } from "../../src/base/ids.ts";
import { ControlPlane } from "../../src/snapshot/control-plane.ts";
import { createBudget } from "../../src/store/budgets/writer.ts";
import { createKey } from "../../src/store/keys/writer.ts";
import { createPartner, createTenant, createUser } from "../../src/store/tenancy/writer.ts";
import { describeEngines } from "../store/engines.ts";
import { apiKey, AT, partner, tenant, user } from "../store/samples.ts";

const SECRETS = {
  unseal: (sealed: string) => sealed,
  settingsChanged: () => Promise.resolve(),
  onLocked: () => undefined,
  readReference: () => ({}),
};

describeEngines("what is committed together", (engine) => {
  test("is known together: no key is, while its budget is not", async () => {
    const store = await engine.open();
    const above = partner();
    const within = tenant(above.id);
    const holder = user(within.id);
    await store.commit([...createPartner(above, AT), ...createTenant(within, AT), ...createUser(holder, AT)]);
    const plane = await ControlPlane.load(store, SECRETS);
    const key = apiKey(holder.id);
    const budget: Budget = {
      id: newId("budget", AT),
      scope: "api_key",
      scopeId: key.id,
      partnerId: above.id,
      tenantId: within.id,
      userId: holder.id,
      period: "total",
      limits: { requests: 1 },
      softLimit: 8_000,
      hardAction: "block",
      setBy: "tenant",
      createdAt: AT,
      armedAt: AT,
    };
    await store.commit([...createKey(key, AT), ...createBudget(budget, AT)]);
    const known = (): [boolean, boolean] => [
      plane.snapshot.keyById(key.id) !== undefined,
      [...plane.snapshot.budgets.all()].some(({ id }) => id === budget.id),
    ];
    const over = plane.catchUp().then(() => true);
    const turn = (): Promise<boolean> => new Promise((resolve) => void setImmediate(() => resolve(false)));
    const seen = new Set([known().join()]);
    while (!(await Promise.race([over, turn()]))) seen.add(known().join());
    seen.add(known().join());
    expect([...seen]).toEqual(["false,false", "true,true"]);
    await store.close();
  });
});
