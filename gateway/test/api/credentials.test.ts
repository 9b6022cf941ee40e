import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeApi, requestIdOf, traceOf } from "./started.ts";
import { dumpOf } from "./store-shell.ts";

const OF_PROVIDER = "sk-provider-4c1d8e7b2a905f63";
const OF_BACKEND = "sk-backend-9b60e2f7d31c84a5";

describeApi("credentials", (api) => {
  test("are sent to the upstream, and can be read nowhere else", async () => {
    const connection = { connection_config: { api_key: OF_BACKEND } };
    const own = await api.model("fake-ok?tokens=1", { apiKey: OF_PROVIDER, backend: connection });
    const shared = await api.model("fake-status?code=401", { apiKey: OF_PROVIDER });
    const used = [await api.chat({ model: own.slug }), await api.chat({ model: shared.slug })];
    const sent = api.fake.log.records.map(({ headers }) => headers["authorization"]);
    expect(sent).toEqual([`Bearer ${OF_BACKEND}`, `Bearer ${OF_PROVIDER}`]);
    for (const reply of used) await traceOf(api.gateway, requestIdOf(reply));

    const paths = [
      "/v1/providers",
      `/v1/providers/${own.providerId}`,
      `/v1/backends`,
      `/v1/backends/${own.backendIds[0]}`,
      "/v1/models",
      "/v1/routing-policies",
      "/v1/accounting/usage",
      ...used.map((reply) => `/v1/requests/${requestIdOf(reply)}`),
    ];
    const answers = await Promise.all(paths.map((path) => api.gateway.api("GET", path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    const metrics = await (await fetch(`${api.gateway.url}/metrics`)).text();
    const told = [...answers, ...used].map(({ text }) => text).join("\n") + metrics + api.gateway.output.text;
    // The last four characters are shown, no more.
    expect(told).toContain(OF_BACKEND.slice(-4));
    for (const secret of [OF_PROVIDER, OF_BACKEND]) expect(told).not.toContain(secret.slice(3, -4));
  });

  test("and API keys are nowhere in the data folder as they are", async () => {
    const secrets = [OF_PROVIDER, OF_BACKEND, api.gateway.firstKey, api.gateway.adminKey];
    const searched: string[] = [];
    const entries = readdirSync(api.gateway.dataDir, { recursive: true, withFileTypes: true });
    for (const { name, parentPath } of entries.filter((entry) => entry.isFile())) {
      const bytes = readFileSync(join(parentPath, name));
      searched.push(name);
      for (const secret of secrets) expect([name, bytes.includes(secret)]).toEqual([name, false]);
    }
    if (api.gateway.databaseUrl !== undefined) {
      const dump = await dumpOf(api.gateway);
      expect(dump).toContain("super_admin");
      for (const secret of secrets) expect(dump).not.toContain(secret);
    } else {
      expect(searched).toContain("scaigrid.db");
      expect(searched).toContain("scaigrid.db-wal");
    }
  });

  test("still open the upstream after a restart", async () => {
    const { slug } = await api.model("fake-ok?tokens=1", { apiKey: OF_PROVIDER });
    await api.gateway.restart();
    expect((await api.chat({ model: slug })).status).toBe(200);
    expect(api.fake.log.records.at(-1)?.headers["authorization"]).toBe(`Bearer ${OF_PROVIDER}`);
  });
});
