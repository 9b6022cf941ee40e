import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { scaigrid } from "./command.ts";
import type { Ended } from "./command.ts";

describe("scaigrid routes explain", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  function explain(...args: readonly string[]): Promise<Ended> {
    return scaigrid(["routes", "explain", ...args], { env: { SCAIGRID_DATA_DIR: gateway.dataDir } });
  }

  test("prints the backends in the order they would be asked, and why the first is the first", async () => {
    const { backendIds } = await addFakeBackend(
      gateway,
      { url: "http://127.0.0.1:1/v1" },
      { slug: "acme/two", plans: ["one", "two"], backend: { capabilities: ["chat"] } },
    );
    const told = await explain("acme/two");
    expect(told.code).toBe(0);
    const [heading, first, second] = told.out.split("\n");
    expect(heading).toMatch(/^ORDER +BACKEND +UPSTREAM +MODEL +CIRCUIT +IN FLIGHT +MS +SHARE +WHY$/);
    expect(first).toMatch(
      new RegExp(`^1 +${backendIds[0]} +custom:one +acme/two +closed +0 .*priority 1, weight 100$`),
    );
    expect(second).toStartWith("2");
    expect(told.err).toBe(`A request goes to ${backendIds[0]}: the only open backend of priority 1.\n`);
    const blind = await explain("acme/two", "--needs", "vision");
    expect(blind.out).toContain("it does not offer vision");
    expect(blind.err).toStartWith("No backend: ");
    const json: unknown = JSON.parse((await explain("acme/two", "--stream", "--json")).out);
    expect(pick(json, "backend_id")).toBe(backendIds[0]);
  });

  test("refuses a capability that no request asks for, by its flag and with the nearest", async () => {
    await addFakeBackend(gateway, { url: "http://127.0.0.1:1/v1" }, { slug: "acme/needs", plans: ["one"] });
    const refused = await explain("acme/needs", "--needs", "tols");
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain('--needs: must be one of "tools", "vision"; did you mean tools?');
  });

  test("says what to do for a model without a policy, and for none", async () => {
    await gateway.api("POST", "/v1/models", {
      body: { slug: "acme/alone", context_window: 1_000, free: true },
    });
    const alone = await explain("acme/alone");
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining("has no routing policy")]);
    const none = await explain("acme/none");
    expect([none.code, none.err]).toEqual([1, expect.stringContaining("MODEL_NOT_FOUND")]);
  });
});
