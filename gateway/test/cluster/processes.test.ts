import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MESSAGES, SANDBOX } from "../api/started.ts";
import { freshDatabase, withDatabase } from "../harness/database.ts";
import type { TestDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import type { LogLine } from "../harness/output.ts";
import { describePart } from "../parts.ts";
import { scaigrid } from "../start/command.ts";
import { Callers } from "./callers.ts";

const WAIT_MS_MAX = 20_000;
/** A journal is looked at every ten seconds, and left alone while its node may be alive. */
const ADOPTED_MS_MAX = 40_000;
const PROCESSES = 2;

describePart("postgres", "two processes on one port", () => {
  let database: TestDatabase;
  let gateway: Gateway;
  beforeAll(async () => {
    database = await freshDatabase();
    gateway = await startGateway({
      env: {
        SCAIGRID_DATABASE_URL: database.url,
        SCAIGRID_WORKERS: String(PROCESSES),
        SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
        SCAIGRID_SANDBOX_TOKEN_MS: "0",
      },
    });
    await listening(PROCESSES);
  });
  afterAll(async () => {
    await gateway.dispose();
    await database.drop();
  });

  const events = (event: string): readonly LogLine[] =>
    gateway.output.logs.filter((line) => line["event"] === event);

  /** Resolves with the last process that has come to listen, once so many have. */
  async function listening(count: number): Promise<LogLine> {
    const found = () => events("listening")[count - 1];
    return gateway.output.until(`${count} processes listening`, found, WAIT_MS_MAX);
  }

  const pidOf = (line: LogLine | undefined): number => Number(line?.["pid"]);
  const chats = () => new Callers(gateway.url, gateway.firstKey, { model: SANDBOX, messages: MESSAGES });

  test("are nodes of their own and tell of the start once", async () => {
    const [one, other] = events("listening");
    expect([one?.["worker"], other?.["worker"]]).toEqual(["1", "2"]);
    expect(one?.["port"]).toBe(other?.["port"]);
    expect(one?.["node_id"]).not.toBe(other?.["node_id"]);
    expect(gateway.output.text.match(/ScaiGrid is ready/g)).toHaveLength(1);
    expect(gateway.output.text.match(/\/claim/g)).toHaveLength(1);
    expect(gateway.output.text.match(/first API key/g)).toHaveLength(1);
  });

  test("let the command line in, whichever of them it reaches", async () => {
    const operator: unknown = JSON.parse(readFileSync(join(gateway.dataDir, "operator.json"), "utf8"));
    expect(pick(operator, "pid")).toBe(gateway.pid);
    const reached = new Set<unknown>();
    for (let calls = 0; calls < 200 && reached.size < PROCESSES; calls++) {
      const reply = await fetch(`${gateway.url}/v1/nodes`, {
        headers: { authorization: `Bearer ${String(pick(operator, "key"))}`, connection: "close" },
      });
      expect(reply.status).toBe(200);
      const { data } = (await reply.json()) as { data: { items: { id: string; current: boolean }[] } };
      reached.add(data.items.find(({ current }) => current)?.id);
    }
    expect(reached.size).toBe(PROCESSES);
    const listed = await scaigrid(["nodes", "list", "--json"], {
      env: { SCAIGRID_DATA_DIR: gateway.dataDir },
    });
    expect([listed.code, listed.err]).toEqual([0, ""]);
  });

  test("give the metrics of all, labelled", async () => {
    const deadline = performance.now() + WAIT_MS_MAX;
    const ofBoth = (told: string): boolean =>
      [1, 2].every((index) => told.includes(`scaigrid_journal_pending{process="${index}"}`));
    const scrape = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
    // One that is too busy to answer at once is left out.
    let text = await scrape();
    for (; !ofBoth(text); text = await scrape()) expect(performance.now()).toBeLessThan(deadline);
    expect(text.match(/^# TYPE scaigrid_journal_pending /gm)).toHaveLength(1);
  });

  test("one that is told to end refuses nobody, and another takes its place", async () => {
    const callers = chats();
    await callers.until(50);
    process.kill(pidOf(events("listening")[0]), "SIGTERM");
    await listening(3);
    const stopped = () => events("stopped")[0];
    await gateway.output.until("the end of the first", stopped, WAIT_MS_MAX);
    await callers.until(50);
    await callers.stop();
    expect(callers.refusals).toEqual([]);
    // Nor was any call taken and not answered: it would have been settled as what it came to.
    const others = "select count(*)::int as n from usage where status <> 'completed'";
    expect(pick(await withDatabase(database.url, (shell) => shell.unsafe(others)), "0.n")).toBe(0);
    expect(events("stopped")[0]?.["worker"]).toBe("1");
    expect((await listening(3))["worker"]).toBe("1");
  }, 40_000);

  test("one that is killed is started again, and what it had in flight is settled", async () => {
    const stream = await gateway.chatStream({
      model: SANDBOX,
      messages: [{ role: "user", content: "word ".repeat(500) }],
      metadata: { simulate: JSON.stringify({ token_ms: 50 }) },
    });
    for (let tokens = 0; tokens < 5; tokens++) await stream.nextContent();
    const before = events("listening").length;
    for (const line of events("listening").slice(-PROCESSES)) process.kill(pidOf(line), "SIGKILL");
    await listening(before + PROCESSES);
    expect(new Set(events("process_ended").map((line) => line["worker"]))).toEqual(new Set(["1", "2"]));
    const usage = () =>
      withDatabase(database.url, (shell) =>
        shell.unsafe("select status from usage where request_id = $1", [stream.requestId]),
      );
    const deadline = performance.now() + ADOPTED_MS_MAX;
    let rows: unknown = await usage();
    while (pick(rows, "0.status") === undefined) {
      expect(performance.now()).toBeLessThan(deadline);
      await Bun.sleep(50);
      rows = await usage();
    }
    expect(pick(rows, "0.status")).toBe("interrupted");
  }, 80_000);

  test("take a changed configuration file over, all of them, when the whole is told to", async () => {
    const path = join(gateway.dataDir, "scaigrid.yaml");
    const provider = (name: string): string =>
      `providers:\n  declared:\n    type: sandbox\n    name: ${name}\n`;
    writeFileSync(path, provider("One"));
    await gateway.restart();
    await listening(PROCESSES);
    const applied = (worker: string): number =>
      events("config_file_applied").filter((line) => line["worker"] === worker).length;
    const [one, two] = [applied("1"), applied("2")];
    writeFileSync(path, provider("Another"));
    process.kill(gateway.pid, "SIGHUP");
    const byAll = () => (applied("1") > one && applied("2") > two) || undefined;
    await gateway.output.until("the file taken over by all", byAll, WAIT_MS_MAX);
    expect((await gateway.api("GET", "/v1/providers")).text).toContain("Another");
    rmSync(path);
  }, 40_000);

  test("end by themselves when the one that watches them is killed", async () => {
    await gateway.restart();
    await listening(PROCESSES);
    process.kill(gateway.pid, "SIGKILL");
    const stopped = () => events("stopped").length >= PROCESSES || undefined;
    await gateway.output.until("the end of all", stopped, ADOPTED_MS_MAX);
    await gateway.kill();
    await gateway.restart();
    await listening(PROCESSES);
  }, 90_000);

  test("drain together when the whole is told to stop, at once when it is told again, and end with 0", async () => {
    const words = [{ role: "user", content: "word ".repeat(500) }];
    const slow = {
      model: SANDBOX,
      messages: words,
      metadata: { simulate: JSON.stringify({ token_ms: 50 }) },
    };
    const streams = await Promise.all([1, 2, 3, 4].map(() => gateway.chatStream(slow)));
    const port = new URL(gateway.url).port;
    const { output } = gateway;
    process.kill(gateway.pid, "SIGTERM");
    const draining = () => events("draining").length >= PROCESSES || undefined;
    await output.until("drain of all", draining, WAIT_MS_MAX);
    // One wish may arrive as two signals within half a second; whoever insists is heard after that.
    const insisting = setInterval(() => process.kill(gateway.pid, "SIGTERM"), 100);
    const cut = () => events("drain_cut_short")[0];
    await output.until("cut", cut, WAIT_MS_MAX).finally(() => clearInterval(insisting));
    await gateway.exited();
    for (const stream of streams) expect(pick((await stream.end()).error, "code")).toBe("SHUTTING_DOWN");
    const ended = output.logs.filter((line) => line["event"] === "stopped").map((line) => line["worker"]);
    expect(new Set(ended.slice(-PROCESSES))).toEqual(new Set(["1", "2"]));
    expect(await fetch(`http://127.0.0.1:${port}/health`).catch(() => "closed")).toBe("closed");
  }, 40_000);
});
