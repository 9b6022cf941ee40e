import { describe, expect, test } from "bun:test";
import type { LogFields } from "../../src/telemetry/log-fields.ts";
import { linePieces } from "../../src/telemetry/line-pieces.ts";
import { Logger, type LoggerOptions } from "../../src/telemetry/logs.ts";

const NOON_MS = Date.UTC(2026, 0, 2, 12, 0, 0, 7);

interface Bench {
  readonly logger: Logger;
  readonly written: string[];
  /** Ends the event-loop turn. */
  readonly turn: () => void;
}

function benchOf(options: Partial<LoggerOptions> = {}): Bench {
  const written: string[] = [];
  const deferred: (() => void)[] = [];
  const logger = new Logger({
    level: "info",
    format: "json",
    clock: { now: () => NOON_MS, monotonic: () => 0 },
    write: (text) => void written.push(text),
    defer: (flush) => void deferred.push(flush),
    ...options,
  });
  return { logger, written, turn: () => deferred.splice(0).forEach((flush) => flush()) };
}

function lineOf(fields: LogFields, options: Partial<LoggerOptions> = {}): string {
  const { logger, written, turn } = benchOf(options);
  logger.log("info", "it.happened", fields);
  turn();
  return written.join("");
}

describe("Logger", () => {
  test("writes one JSON object a line: time, level, event and the fields", () => {
    expect(lineOf({ request_id: "req_1", status: 200, stream: true, model: undefined })).toBe(
      '{"time":"2026-01-02T12:00:00.007Z","level":"info","event":"it.happened",' +
        '"request_id":"req_1","status":200,"stream":true}\n',
    );
  });

  test("what a process is tagged with stands in each line, unless the line says otherwise", () => {
    const { logger, written, turn } = benchOf();
    logger.tag({ worker: "2" });
    logger.tag({ node_id: "node_1" });
    logger.log("info", "own");
    logger.log("info", "other", { node_id: "node_2" });
    turn();
    const lines = written.join("").trim().split("\n");
    expect(lines[0]).toContain('"node_id":"node_1","worker":"2"');
    expect(lines[1]).toContain('"node_id":"node_2","worker":"2"');
  });

  test("lines of several processes are not torn: they are written in pieces that a pipe takes as one", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${"é".repeat(i * 7)}\n`);
    const pieces = linePieces(lines.join(""));
    expect(pieces.join("")).toBe(lines.join(""));
    expect(pieces.every((piece) => piece.endsWith("\n") && Buffer.byteLength(piece) <= 4_096)).toBe(true);
    expect(pieces.length).toBeLessThan(5);
    const long = `${"x".repeat(5_000)}\n`;
    expect(linePieces(`a\n${long}b\n`)).toEqual(["a\n", long, "b\n"]);
  });

  test("lines of one turn are one write; an error is written at once with all before it", () => {
    const { logger, written, turn } = benchOf();
    logger.log("info", "one");
    logger.log("info", "two");
    expect(written).toHaveLength(0);
    turn();
    expect(written.map((text) => text.split("\n").length - 1)).toEqual([2]);
    logger.log("info", "three");
    logger.log("error", "four");
    expect(written[1]).toMatch(/"three".*\n.*"four"/);
    turn();
    expect(written).toHaveLength(2);
  });

  test("what waits is bounded: a flood is written within the turn", () => {
    const { logger, written } = benchOf();
    for (let i = 0; i < 1_000; i++) logger.log("info", "flood", { reason: "x".repeat(400) });
    expect(written.length).toBeGreaterThan(3);
    expect(Math.max(...written.map((text) => text.length))).toBeLessThan(70_000);
  });

  test("lines below the level are not made", () => {
    const { logger, written, turn } = benchOf({ level: "warn" });
    logger.log("info", "quiet");
    logger.log("debug", "quieter");
    logger.log("warn", "loud");
    turn();
    expect(written.join("")).not.toContain("quiet");
    expect(written.join("")).toContain("loud");
  });

  test("lines that could not be written are counted, and the next that can tells how many", () => {
    let broken = true;
    const written: string[] = [];
    const { logger } = benchOf({
      write(text) {
        if (broken) throw new Error("EPIPE");
        written.push(text);
      },
    });
    logger.log("info", "one");
    logger.log("error", "two");
    expect(logger.lostLines).toBe(2);
    broken = false;
    logger.log("error", "three");
    expect(written.join("")).toMatch(/"log\.lost","count":2.*\n.*"three"/);
    expect(logger.lostLines).toBe(0);
  });

  test("the pretty format is one readable line", () => {
    const options = { format: "pretty" } as const;
    expect(lineOf({ url: "http://localhost:8000", reason: "it is so", count: 3 }, options)).toBe(
      '12:00:00.007 info  it.happened url=http://localhost:8000 reason="it is so" count=3\n',
    );
    expect(lineOf({}, { ...options, colour: true })).toContain("\u001b[36minfo \u001b[0m");
  });
});

describe("what cannot be logged", () => {
  const KEY = "sgk_ScaiGridExampleKeyNeverUseThisOneAnywhere002c29tj";

  test("fields that are not on the list, and values of another type, are left out", () => {
    const smuggled: object = {
      authorization: "secret-1",
      headers: { cookie: "secret-2" },
      status: "secret-3",
      reason: { a: "secret-4" },
    };
    expect(lineOf(smuggled)).not.toContain("secret");
  });

  test.each([
    `provider said: Incorrect API key provided: sk-proj-abcdef1234567890`,
    `Authorization: Bearer abcdefghijklmnop1234`,
    `key=AIzaSyA1234567890abcdefghijk`,
    `https://user:hunter2hunter2@db.example/x`,
    `token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln`,
    `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`,
    KEY,
  ])("a credential inside a sentence is masked: %s", (reason) => {
    const line = lineOf({ reason });
    expect(line).toContain("[redacted]");
    for (const secret of ["abcdef1234567890", "abcdefghijklmnop", "AIza", "hunter2", "eyJ", "MfKQ", "sgk_"]) {
      expect(line).not.toContain(secret);
    }
  });

  test("paths and addresses lose their query and fragment", () => {
    expect(lineOf({ path: `/v1/models?api_key=${KEY}`, url: "https://x.example/a#token=abc" })).toContain(
      '"path":"/v1/models","url":"https://x.example/a"',
    );
  });

  test("a long text is cut", () => {
    expect(lineOf({ reason: "y".repeat(100_000) }).length).toBeLessThan(700);
  });

  test.each(["json", "pretty"] as const)(
    "text cannot start a new line or steer a terminal (%s)",
    (format) => {
      const line = lineOf(
        { model: 'a\n{"event":"forged"}\u001b[2J\u009b2J\u202egnp', reason: "b\r\nc\u2028d" },
        { format },
      );
      expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
      expect(line.endsWith("\n")).toBe(true);
    },
  );
});
