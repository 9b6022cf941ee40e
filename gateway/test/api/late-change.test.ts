import { expect, test } from "bun:test";
import { pick, pickText } from "../harness/json.ts";
import { describeApi, eventually } from "./started.ts";
import { withShell } from "./store-shell.ts";

/** Milliseconds within which a revocation takes effect (spec: 5 s). */
const IN_FORCE_WITHIN_MS = 5_000;

describeApi("a change that was committed and never applied", (api) => {
  test("is in force within 5 seconds, without another change: a revoked key stops working", async () => {
    const made = await api.gateway.api("POST", "/v1/api-keys", { body: { name: "half revoked" } });
    const [id, key] = [pickText(made.body, "data.id"), pickText(made.body, "data.key")];
    await withShell(api.gateway, (store) =>
      // What a revocation commits; the process that committed it did not get to the rest.
      store.transaction(async () => {
        await store.run("insert into changes (kind, entity_id, at) values ('api_key', ?, ?)", [
          id,
          Date.now(),
        ]);
        await store.run("update api_keys set status = 'revoked' where id = ?", [id]);
      }),
    );
    await eventually(
      "refusal",
      () => api.gateway.api("GET", "/v1/me", { key }),
      ({ status }) => status === 401,
      IN_FORCE_WITHIN_MS,
    );
  });

  // The last test: after it nobody is let in.
  test("and what a suspended partner's callers have in flight is cut", async () => {
    const { slug } = await api.model("fake-ok?tokens=50&gate=never-opened&gate_after=2");
    const stream = await api.stream({ model: slug });
    await stream.nextContent();
    await withShell(api.gateway, (store) =>
      store.transaction(async () => {
        await store.run(
          "insert into changes (kind, entity_id, at) select 'partner', id, ? from partners",
          [1],
        );
        await store.run("update partners set status = 'suspended'");
      }),
    );
    const end = await stream.end();
    expect(pick(end.error, "code")).toBe("TENANT_SUSPENDED");
    expect(end).toMatchObject({ doneCount: 1, broken: false });
  });
});
