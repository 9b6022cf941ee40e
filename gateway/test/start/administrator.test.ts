import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { callApi } from "../harness/api.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick, pickText } from "../harness/json.ts";
import { KEY_PATTERN } from "../harness/keys.ts";
import { scaigrid, temporaryFolder } from "./command.ts";
import type { Ended } from "./command.ts";

const messages = [{ role: "user", content: "Hello" }];

function modeOf(path: string): Promise<number> {
  return stat(path).then((found) => found.mode & 0o777);
}

describe("who may administer", () => {
  let gateway: Gateway | undefined;
  const folders: string[] = [];
  afterEach(async () => {
    await gateway?.dispose();
    gateway = undefined;
  });
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  async function start(env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
    const dataDir = await temporaryFolder();
    folders.push(dataDir);
    gateway = await startGateway({ dataDir, env });
    return gateway;
  }

  test("a minted key is data on stdout, is no key before a start has been given it, and is super_admin after", async () => {
    const minted = await scaigrid(["keys", "mint"]);
    expect(minted.code).toBe(0);
    const key = minted.out.trim();
    expect(key.match(KEY_PATTERN)).toEqual([key]);
    expect(minted.err).toContain("SCAIGRID_ADMIN_KEY");
    const without = await start();
    expect((await without.api("GET", "/v1/me", { key })).status).toBe(401);
    await without.dispose();
    const given = await start({ SCAIGRID_ADMIN_KEY: key });
    const me = await given.api("GET", "/v1/me", { key });
    expect(me.status).toBe(200);
    expect(JSON.stringify(pick(me.body, "data"))).toContain("super_admin");
    expect(given.output.text).not.toContain(key);
  });

  test("a start with a key that is known changes nothing, and one that was revoked stays revoked", async () => {
    const running = await start();
    const key = running.adminKey;
    const id = pickText((await running.api("GET", "/v1/me")).body, "data.api_key.id");
    await running.restart();
    const again = await running.api("GET", "/v1/me");
    expect(pick(again.body, "data.api_key.id")).toBe(id);
    expect((await running.api("DELETE", `/v1/api-keys/${id}`)).status).toBeLessThan(300);
    expect((await running.api("GET", "/v1/me", { key })).status).toBe(401);
    await running.restart();
    expect((await running.api("GET", "/v1/me", { key })).status).toBe(401);
  });

  test("what opens the gateway is for its user alone, and the operator's access ends with the process", async () => {
    const running = await start();
    const operator = join(running.dataDir, "operator.json");
    const secret = join(running.dataDir, "secret.key");
    expect([await modeOf(operator), await modeOf(secret)]).toEqual([0o600, 0o600]);
    const access: unknown = await Bun.file(operator).json();
    const key = pickText(access, "key");
    expect((await callApi(running.url, "GET", "/v1/providers", { key })).status).toBe(200);
    await running.terminate();
    expect(existsSync(operator)).toBe(false);
    await running.restart();
    expect((await callApi(running.url, "GET", "/v1/providers", { key })).status).toBe(401);
  });

  test("the file a killed process left behind opens nothing, and is replaced", async () => {
    const running = await start();
    const operator = join(running.dataDir, "operator.json");
    const old = pickText(await Bun.file(operator).json(), "key");
    await running.kill();
    expect(existsSync(operator)).toBe(true);
    await running.restart();
    expect(pickText(await Bun.file(operator).json(), "key")).not.toBe(old);
    expect(await modeOf(operator)).toBe(0o600);
    expect((await callApi(running.url, "GET", "/v1/me", { key: old })).status).toBe(401);
  });
});

describe("scaigrid providers add", () => {
  let gateway: Gateway;
  let fake: FaultUpstream;
  beforeAll(async () => {
    fake = new FaultUpstream();
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    fake.stop();
  });

  const FREE = ["--free"];

  function add(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const local = { SCAIGRID_DATA_DIR: gateway.dataDir, HOUSE_KEY: "house-credential", ...env };
    return scaigrid(["providers", "add", ...args], { env: local });
  }

  async function counts(): Promise<readonly number[]> {
    const paths = ["/v1/providers", "/v1/backends", "/v1/models", "/v1/routing-policies"];
    const replies = await Promise.all(paths.map((path) => gateway.api("GET", `${path}?limit=100`)));
    return replies.map((reply) => {
      const items = pick(reply.body, "data.items");
      return Array.isArray(items) ? items.length : -1;
    });
  }

  test("makes a model that answers at once, with the key of the named variable", async () => {
    const house = ["custom", "--url", fake.url, "--key-env", "HOUSE_KEY", "--model", "fake-ok?tokens=5"];
    const added = await add([...house, "--slug", "house/small", ...FREE, "--json"]);
    expect(added).toMatchObject({ code: 0, err: "" });
    expect(pick(JSON.parse(added.out), "slug")).toBe("house/small");
    const body = { model: "house/small", messages };
    const reply = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
    expect(reply.status).toBe(200);
    expect(pickText(reply.body, "data.choices.0.message.content")).toHaveLength(20);
    expect(fake.log.records.at(-1)?.headers["authorization"]).toBe("Bearer house-credential");
    expect(added.out + added.err).not.toContain("house-credential");
  });

  test("works where the shell holds an application's address and key, which may not administer", async () => {
    const url = gateway.url.replace("localhost", "127.0.0.1");
    for (const SCAIGRID_BASE_URL of [gateway.url, `${url}/`]) {
      const args = ["custom", "--url", fake.url, "--model", "m", "--slug", `shell/${crypto.randomUUID()}`];
      const env = { SCAIGRID_BASE_URL, SCAIGRID_API_KEY: gateway.firstKey };
      expect(await add([...args, ...FREE], env)).toMatchObject({ code: 0, err: "" });
    }
  });

  test("charges what it was told to", async () => {
    const priced = ["--input-price", "1000", "--output-price", "2000", "--output-cost", "500"];
    const house = ["custom", "--url", fake.url, "--model", "fake-ok?tokens=5", "--slug", "house/priced"];
    expect(await add([...house, ...priced])).toMatchObject({ code: 0, err: "" });
    const body = { model: "house/priced", messages };
    await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
    const usage = await gateway.api("GET", "/v1/accounting/usage?model=house/priced");
    const tokensIn = Number(pick(usage.body, "data.items.0.tokens_in"));
    const cost = Number(pick(usage.body, "data.items.0.cost"));
    expect(cost).toBeCloseTo((tokensIn * 1000 + 5 * 2000) / 1e6, 12);
  });

  const TAKEN = ["--slug", "scailabs/poolnoodle-omni"];
  const REFUSED: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, string])[] =
    [
      [
        "a slug that is taken",
        ["custom", "--url", "URL", "--model", "m", ...TAKEN, ...FREE],
        {},
        "SLUG_CONFLICT",
      ],
      ["no price", ["custom", "--url", "URL", "--model", "m"], {}, "--input-price"],
      [
        "a price that is none",
        ["custom", "--url", "URL", "--model", "m", "--input-price", "x", "--output-price", "1"],
        {},
        "VALIDATION_ERROR",
      ],
      [
        "a key variable that is not set",
        ["custom", "--url", "URL", "--model", "m", "--key-env", "NO_SUCH", ...FREE],
        {},
        "NO_SUCH is not set",
      ],
      ["no address", ["custom", "--model", "m", ...FREE], {}, "--url: is needed"],
      [
        "no key for a vendor that asks for one",
        ["openai", "--model", "m", ...FREE],
        {},
        "--key-env: is needed",
      ],
      ["an unknown type", ["nonsense", "--model", "m", ...FREE], {}, "no provider is known as nonsense"],
      [
        "a context window that is none",
        ["custom", "--url", "URL", "--model", "m", "--context-window", "big", ...FREE],
        {},
        "--context-window",
      ],
      [
        "no gateway at the address",
        ["custom", "--url", "URL", "--model", "m", ...FREE],
        { SCAIGRID_BASE_URL: "http://127.0.0.1:1", SCAIGRID_API_KEY: "sgk_x" },
        "npm start",
      ],
      [
        "a key that is none there",
        ["custom", "--url", "URL", "--model", "m", ...FREE],
        { SCAIGRID_DATA_DIR: "EMPTY", SCAIGRID_BASE_URL: "GATEWAY", SCAIGRID_API_KEY: "sgk_x" },
        "AUTH_TOKEN_INVALID",
      ],
      [
        "no gateway on the folder",
        ["custom", "--url", "URL", "--model", "m", ...FREE],
        { SCAIGRID_DATA_DIR: "EMPTY" },
        "npm start",
      ],
    ];
  test.each(REFUSED)("refuses %s in words, and leaves nothing behind", async (_, args, env, says) => {
    const empty = join(gateway.dataDir, "empty");
    await mkdir(empty, { recursive: true });
    const before = await counts();
    const places: Readonly<Record<string, string>> = { EMPTY: empty, GATEWAY: gateway.url };
    const filled = (text: string) => places[text] ?? text;
    const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]));
    const refused = await add(
      args.map((arg) => (arg === "URL" ? fake.url : arg)),
      given,
    );
    expect(refused.code).toBe(1);
    expect(refused.out).toBe("");
    expect(refused.err).toContain(says);
    expect(refused.err).not.toMatch(/^\s+at /m);
    expect(await counts()).toEqual(before);
  });

  test("a file left by a process that was killed leads to words, not to a stack", async () => {
    const folder = await temporaryFolder();
    try {
      const access = { url: "http://127.0.0.1:1", key: "sgk_x", pid: 1 };
      await Bun.write(join(folder, "operator.json"), JSON.stringify(access));
      const args = ["custom", "--url", fake.url, "--model", "m", ...FREE];
      const refused = await add(args, { SCAIGRID_DATA_DIR: folder });
      expect(refused.code).toBe(1);
      expect(refused.err).toContain("npm start");
      await Bun.write(join(folder, "operator.json"), '{"url":"http');
      const half = await add(args, { SCAIGRID_DATA_DIR: folder });
      expect(half.code).toBe(1);
      expect(half.err).toContain("npm start");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
