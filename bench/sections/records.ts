import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DATABASE_FILE } from "../../gateway/src/store/sqlite/database-file.ts";
import { SANDBOX } from "../../gateway/test/api/started.ts";
import { startGateway } from "../../gateway/test/harness/gateway.ts";
import type { Gateway } from "../../gateway/test/harness/gateway.ts";
import { mintTestKey } from "../../gateway/test/harness/keys.ts";
import { pick } from "../../gateway/test/harness/json.ts";
import type { Figure } from "../figure.ts";
import { Probe } from "../load/probe.ts";
import type { Bench, Found } from "../measure.ts";
import { type Distribution, distribution } from "../percentile.ts";
import { seededRequest, seedRecords } from "../seed-records.ts";
import { GATEWAY_OPTIONS } from "../targets.ts";

const RECORDS = 10_000_000;
const LOOK_UPS = 200;
const SUMMARIES = 20;
const BOOKED_MS_MAX = 3_600_000;
const POLL_MS = 1_000;
/** A start that has much to look through, and deadlines of management calls, are not what is measured. */
const OPTIONS = { ...GATEWAY_OPTIONS, startTimeoutMs: 300_000 };

async function ask(gateway: Gateway, path: string): Promise<unknown> {
  const response = await fetch(gateway.url + path, {
    headers: { authorization: `Bearer ${gateway.adminKey}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** How long such a call takes, so many times. */
async function timed(times: number, act: (n: number) => Promise<unknown>): Promise<Distribution> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const startedAt = performance.now();
    await act(n);
    took.push(performance.now() - startedAt);
  }
  return distribution(took);
}

/** Waits until all records are in the ledger and the roll-ups. Gives the seconds it took. */
async function booked({ dataDir }: Gateway): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    using db = new Database(join(dataDir, DATABASE_FILE), { readonly: true });
    const row = db
      .query<{ left: number }, []>(
        "select (select max(seq) from usage) - (select coalesce(max(last_seq), 0) from ledger_batches) as left",
      )
      .get();
    const seconds = (performance.now() - startedAt) / 1000;
    if (row?.left === 0) return seconds;
    if (seconds * 1000 > BOOKED_MS_MAX)
      throw new Error(`${row?.left} records are not booked after ${seconds} s`);
    await Bun.sleep(POLL_MS);
  }
}

/** The event loop while a report looks at every record there is: its filter is not one that sums are kept for. */
async function underReport(
  gateway: Gateway,
): Promise<{ readonly loop: Distribution; readonly seconds: number }> {
  const probe = await Probe.start(Number(new URL(gateway.url).port));
  probe.beginWindow();
  const startedAt = performance.now();
  const answer = await ask(
    gateway,
    "/v1/accounting/usage/summary?start=2020-01-01T00:00:00Z&metadata.team=3",
  );
  const seconds = (performance.now() - startedAt) / 1000;
  probe.endWindow();
  const count = Number(pick(answer, "data.0.request_count"));
  if (count < RECORDS / 8) throw new Error(`the report found ${count} of ${RECORDS / 7} records`);
  return { loop: await probe.stop(), seconds };
}

/** Whether a folder has them from a former run. */
function isSeeded(folder: string | undefined): boolean {
  const path = folder && join(folder, DATABASE_FILE);
  if (path === undefined || !existsSync(path)) return false;
  using db = new Database(path, { readonly: true });
  const row = db.query<{ newest: number }, []>("select max(seq) as newest from usage").get();
  return (row?.newest ?? 0) > RECORDS;
}

async function seed(gateway: Gateway): Promise<void> {
  const body = { model: SANDBOX, messages: [{ role: "user", content: "Count." }] };
  const one = await gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
  if (one.status !== 200) throw new Error(`the first call was answered ${one.status}: ${one.text}`);
  await gateway.terminate();
  seedRecords(gateway.dataDir, RECORDS);
  await gateway.restart();
}

/** What ten million settled requests do to what is asked about them. Takes some 20 GB of disk for as long as it runs. */
export async function records({ data }: Bench): Promise<Found> {
  const wasSeeded = isSeeded(data);
  const gateway = await startGateway({
    ...OPTIONS,
    ...(data !== undefined && { dataDir: data }),
    // A folder that has been used before prints no first key.
    ...(wasSeeded && { node: { adminKey: mintTestKey() } }),
  });
  try {
    if (!wasSeeded) await seed(gateway);
    const bookedSeconds = await booked(gateway);
    const random = () => seededRequest(1 + Math.floor(Math.random() * RECORDS));
    const byId = await timed(LOOK_UPS, () => ask(gateway, `/v1/requests/${random()}`));
    const start = new Date(Date.now() - 29 * 86_400_000).toISOString();
    const byDay = await timed(SUMMARIES, () =>
      ask(gateway, `/v1/accounting/usage/summary?group_by=day&start=${start}`),
    );
    const { loop, seconds } = await underReport(gateway);
    return {
      figures: figures(byId, byDay, loop),
      notes: [
        `${RECORDS} records were booked in ${bookedSeconds.toFixed(0)} s after the start; the report that looked at ` +
          `each took ${seconds.toFixed(1)} s.`,
      ],
      answers: { requests: 0, tokens: 0, failures: 0 },
      faults: [],
    };
  } finally {
    await gateway.dispose();
  }
}

function figures(byId: Distribution, byDay: Distribution, loop: Distribution): Figure[] {
  const at = (id: string, name: string, ms: number, floor: number): Figure => ({
    id: `records.${id}`,
    name,
    unit: "ms",
    digits: 1,
    floor: { sense: "at most", floor },
    values: { gateway: [ms] },
  });
  return [
    at("by_id", `request by id at ${RECORDS} records, p99`, byId.p99, 20),
    at("by_day", "usage by day, 30 days of them, p50", byDay.p50, 200),
    at("report_loop", "event-loop delay p99 while a report looks at all", loop.p99, 20),
  ];
}
