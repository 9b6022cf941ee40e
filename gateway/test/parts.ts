import { describe, test } from "bun:test";

/** What some tests need and `npm test` prepares. */
export type Part = "postgres" | "python" | "chromium";

const VARIABLES = {
  postgres: "SCAIGRID_TEST_POSTGRES_URL",
  python: "SCAIGRID_TEST_PYTHON",
  /** Prepared together with a fresh build of the console. */
  chromium: "SCAIGRID_TEST_CHROMIUM",
} as const;

/** A PostgreSQL server for these tests: each test makes a database of its own there. */
export function postgresUrl(): string | undefined {
  return process.env[VARIABLES.postgres];
}

/** A Python interpreter that has httpx. */
export function pythonPath(): string | undefined {
  return process.env[VARIABLES.python];
}

/** Why a part is missing. */
export function skipReason(part: Part): string {
  const reasons: unknown = JSON.parse(process.env["SCAIGRID_TEST_SKIPS"] ?? "{}");
  const reason: unknown =
    typeof reasons === "object" && reasons !== null ? Reflect.get(reasons, part) : undefined;
  return typeof reason === "string" ? reason : "not prepared: run the tests with `npm test`";
}

/** `describe` for tests that need a part: `body` is given its address or path. */
export function describePart(part: Part, title: string, body: (value: string) => void): void {
  describeWith(process.env[VARIABLES[part]], `${part}: ${skipReason(part)}`, title, body);
}

/**
 * `describe` for tests that need something of the machine (a program, a right): without it, one skipped test
 * tells the reason, and with CI=true fails.
 */
export function describeWith<Value>(
  value: Value | undefined | null,
  reason: string,
  title: string,
  body: (value: Value) => void,
): void {
  if (value !== undefined && value !== null) {
    describe(title, () => body(value));
    return;
  }
  console.error(`SKIP ${title}: ${reason}`);
  const missing = (): never => {
    throw new Error(`missing with CI=true: ${reason}`);
  };
  describe(title, () => test.skipIf(process.env["CI"] !== "true")(`needs ${reason}`, missing));
}
