import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { describeWith } from "../parts.ts";
import { scaigrid, temporaryFolder } from "./command.ts";
import type { Ended } from "./command.ts";

/** A refusal: exit code 1, a message that says all of this, and no stack. */
function expectRefusal(ended: Ended, ...says: readonly string[]): void {
  expect(ended.code).toBe(1);
  for (const text of says) expect(ended.err).toContain(text);
  expect(ended.err).not.toMatch(/^\s+at /m);
  expect(ended.out).not.toContain("listening");
}

describe("a start that cannot be", () => {
  let gateway: Gateway;
  const folders: string[] = [];
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    for (const folder of folders) {
      await chmod(folder, 0o700);
      await rm(folder, { recursive: true, force: true });
    }
  });

  async function folder(): Promise<string> {
    const made = await temporaryFolder();
    folders.push(made);
    return made;
  }

  function up(dataDir: string, env: Readonly<Record<string, string>> = {}, prefix: readonly string[] = []) {
    return scaigrid(["up"], { env: { SCAIGRID_DATA_DIR: dataDir, SCAIGRID_PORT: "0", ...env }, prefix });
  }

  /** A gateway that has worked and was stopped; its folder stays. */
  async function former(): Promise<Gateway> {
    const made = await startGateway({ dataDir: await folder() });
    await made.terminate();
    return made;
  }

  test("on a data folder in use by another process: says so, and leaves that one alone", async () => {
    expectRefusal(await up(gateway.dataDir), gateway.dataDir, "in use by another", "SCAIGRID_DATA_DIR");
    expect((await gateway.api("GET", "/health/ready")).status).toBe(200);
    const modes = await stat(join(gateway.dataDir, "operator.json"));
    expect(modes.isFile()).toBe(true);
  });

  test("with a slip in the configuration file: says file, line and the nearest name, and opens nothing", async () => {
    const made = await folder();
    const path = join(made, "scaigrid.yaml");
    await writeFile(path, "models:\n  acme/one:\n    contex_window: 8000\n");
    expectRefusal(await up(made), `${path}:3:5`, "did you mean context_window?");
    expect(await readdir(made)).toEqual(["scaigrid.yaml"]);
  });

  test("with a configuration file that is named and not there: says which", async () => {
    const env = { SCAIGRID_CONFIG: "/nowhere/scaigrid.yaml" };
    expectRefusal(await up(await folder(), env), "/nowhere/scaigrid.yaml", "SCAIGRID_CONFIG");
  });

  test("where too few files and connections may be open: says how many are needed, and how to get them", async () => {
    const few = await up(await folder(), {}, ["sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh"]);
    expectRefusal(
      few,
      "only 1024 files and connections",
      "needs 4096",
      "ulimit -n",
      "LimitNOFILE",
      "--ulimit",
    );
  });

  test("on a folder where the operator's access cannot be left: the first key is not spent on it", async () => {
    const dataDir = await folder();
    const inTheWay = join(dataDir, "operator.json");
    await mkdir(inTheWay);
    const ended = await up(dataDir);
    expect(ended.code).toBe(1);
    await rm(inTheWay, { recursive: true });
    const started = await startGateway({ dataDir });
    expect((await started.api("GET", "/v1/me", { key: started.firstKey })).status).toBe(200);
    await started.terminate();
  });

  test("on a port in use: names the port and how to choose another", async () => {
    const { port } = new URL(gateway.url);
    expectRefusal(await up(await folder(), { SCAIGRID_PORT: port }), `:${port}`, "SCAIGRID_PORT");
    expect((await gateway.api("GET", "/health")).status).toBe(200);
  });

  test("on an address of another machine: speaks of the address, not of the port", async () => {
    const ended = await up(await folder(), { SCAIGRID_HOST: "192.0.2.1" });
    expectRefusal(ended, "192.0.2.1", "SCAIGRID_HOST");
    expect(ended.err).not.toContain("SCAIGRID_PORT");
  });

  test("on a port in use for the first time ever: the first key is not used up, the next start prints it", async () => {
    const dataDir = await folder();
    const refused = await up(dataDir, { SCAIGRID_PORT: new URL(gateway.url).port });
    expect(refused.code).toBe(1);
    const later = await startGateway({ dataDir });
    const reply = await later.api("GET", "/v1/me", { key: later.firstKey });
    await later.stop();
    expect(reply.status).toBe(200);
  });

  test("on a database of a newer version: refuses and changes nothing", async () => {
    const { dataDir } = await former();
    const path = join(dataDir, "scaigrid.db");
    const db = new Database(path);
    db.run("insert into schema_versions (version, name, applied_at) values (999, 'of the future', 0)");
    db.close();
    const before = await Bun.file(path).bytes();
    expectRefusal(await up(dataDir), "999", "start a release at least as new");
    expect(Buffer.compare(before, await Bun.file(path).bytes())).toBe(0);
  });

  test("without the secret key that the database was sealed with: refuses, and makes no new one", async () => {
    const gone = await former();
    const { dataDir } = gone;
    const key = join(dataDir, "secret.key");
    await rename(key, `${key}.lost`);
    expectRefusal(await up(dataDir), "secret.key", "is missing", "backup", "SCAIGRID_SECRET_KEY");
    expect(await readdir(dataDir)).not.toContain("secret.key");
    expectRefusal(
      await up(dataDir, { SCAIGRID_SECRET_KEY: "ab".repeat(32) }),
      "sealed with another secret key",
      "SCAIGRID_SECRET_KEY",
    );
    await rename(`${key}.lost`, key);
    await gone.restart();
    await gone.stop();
  });

  test.each([
    [{ SCAIGRID_PROT: "8000" }, ["SCAIGRID_PROT is not a setting", "Did you mean SCAIGRID_PORT?"]],
    [{ SCAIGRID_PORT: "80000" }, ['SCAIGRID_PORT is "80000"', "from 0 to 65535", "default, 8000"]],
    [{ SCAIGRID_RATE_LIMITS: "key:many" }, ["SCAIGRID_RATE_LIMITS", "key:60,user:120"]],
    [{ SCAIGRID_ADMIN_KEY: "sgk_mistyped" }, ["SCAIGRID_ADMIN_KEY", "scaigrid keys mint"]],
    [
      { SCAIGRID_DRAIN_SECONDS: "-1", SCAIGRID_LOG_LEVEL: "loud" },
      ["SCAIGRID_DRAIN_SECONDS", "SCAIGRID_LOG_LEVEL"],
    ],
  ] as const)("with the wrong environment %j: names every variable and what is right", async (env, says) => {
    const dataDir = await folder();
    const ended = await up(dataDir, env);
    expectRefusal(ended, ...says);
    expect(await readdir(dataDir)).toEqual([]);
    expect(ended.err).not.toContain("sgk_mistyped");
  });

  test.each([
    [["upp"], "unknown command 'upp'", "[options] [command]", ""],
    [["models", "ad"], "unknown command 'ad'", "[options] [command]", " models"],
    [
      ["models", "add"],
      "missing required argument 'provider'",
      "[options] <provider> <models...>",
      " models add",
    ],
    [["routes", "explain", "--loud", "a"], "unknown option '--loud'", "[options] <slug>", " routes explain"],
    [["keys", "list", "more"], "too many arguments", "[options]", " keys list"],
    [
      ["budgets", "create", "user", "eve"],
      "required option '--period <period>' not specified",
      "[options] <scope> <of>",
      " budgets create",
    ],
    [["groups", "create"], "missing required argument 'name'", "[options] <name>", " groups create"],
  ])(
    "%j: names what is wrong, the command's own usage and its --help",
    async (args, wrong, usage, command) => {
      const ended = await scaigrid(args);
      expectRefusal(ended, `error: ${wrong}`, `\nUsage: npx scaigrid${command} ${usage}\n`);
      expect(ended.err).toContain(`\n(npx scaigrid${command} --help `);
    },
  );

  test.each([
    [["modles"], "(Did you mean models?)"],
    [["keys", "lsit"], "(Did you mean list?)"],
    [["doctor", "--jsno"], "(Did you mean --json?)"],
    [["bogus"], undefined],
    [["doctor", "--anything"], undefined],
  ])("%j: suggests what is near, and nothing far-fetched", async (args, meant) => {
    const { err } = await scaigrid(args);
    expect(err.split("\n").find((line) => line.includes("Did you mean"))).toBe(meant);
  });

  const drop = process.getuid?.() === 0 ? Bun.which("setpriv") : null;
  const asNobody = drop === null ? undefined : [drop, "--reuid=65534", "--regid=65534", "--clear-groups"];
  const prefix = process.getuid?.() === 0 ? asNobody : [];
  describeWith(prefix, "setpriv, to be another user than root", "as a user without rights", (who) => {
    test("on a data folder that cannot be written: names the folder and what to do", async () => {
      const dataDir = await folder();
      await chmod(dataDir, 0o500);
      expectRefusal(await up(dataDir, {}, who), dataDir, "cannot be written", "write access");
    });

    test("below a folder in which none can be made: the same", async () => {
      const parent = await folder();
      await chmod(parent, 0o500);
      expectRefusal(await up(join(parent, "data"), {}, who), "cannot be written", "SCAIGRID_DATA_DIR");
    });
  });
});
