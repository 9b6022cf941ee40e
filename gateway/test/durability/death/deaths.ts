/**
 * Loaded before a gateway (`bun --preload`) that is to die: wraps the functions at whose ends it may, and kills the
 * process at the one that a file names. The gateway's own sources know nothing of it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Admitted } from "../../../src/inference/stages/01-admit.ts";
import { Authenticated } from "../../../src/inference/stages/02-authenticate.ts";
import { Limited } from "../../../src/inference/stages/03-limit.ts";
import { Parsed } from "../../../src/inference/stages/04-parse.ts";
import { Authorised } from "../../../src/inference/stages/05-authorise.ts";
import { Planned } from "../../../src/inference/stages/06-plan.ts";
import { Prepared } from "../../../src/inference/stages/07-prepare.ts";
import { Held } from "../../../src/inference/stages/08-hold.ts";
import { Attempted } from "../../../src/inference/stages/09-attempt.ts";
import { Call } from "../../../src/inference/call.ts";
import { AppendFile } from "../../../src/journal/append-file.ts";
import { GroupCommit } from "../../../src/journal/group-commit.ts";
import { Outbox } from "../../../src/journal/local/outbox.ts";
import { SqliteJournal } from "../../../src/journal/sqlite-journal.ts";
import { TraceSender } from "../../../src/journal/trace-sender.ts";
import { TraceWriter } from "../../../src/journal/trace-writer.ts";
import { LocalAuthority } from "../../../src/settlement/budgets/local-authority.ts";
import { SharedAuthority } from "../../../src/settlement/budgets/shared-authority.ts";
import { SharedHolds } from "../../../src/store/budgets/shared-holds.ts";
import { PostgresBooks } from "../../../src/store/ledger/postgres-books.ts";
import { SqliteBooks } from "../../../src/store/ledger/sqlite-books.ts";
import { Nodes } from "../../../src/store/nodes/nodes.ts";
import { SqliteWriter } from "../../../src/store/sqlite/writer.ts";
import { deathMark, readWish } from "./wish.ts";
import type { Death } from "./points.ts";

/** Names the file that says where to die. */
const FILE = process.env["DEATH_FILE"] ?? "";

let [wished, passes] = ["", 0];

/** A point is passed, and nothing comes after it where the file says so. */
function pass(death: Death): void {
  if (!existsSync(FILE)) return;
  const text = readFileSync(FILE, "utf8");
  if (text !== wished) [wished, passes] = [text, 0];
  const wish = readWish(text);
  if (wish.death !== death || ++passes < wish.pass) return;
  writeFileSync(deathMark(FILE), death);
  process.kill(process.pid, "SIGKILL");
}

/** Where to pass points around a call. */
interface Around {
  readonly before?: Death;
  /** Once it has begun and the event loop has had a turn. */
  readonly under?: Death;
  /** Once it has returned, or what it returns has resolved. */
  readonly after?: Death;
}

type Wrapped = (run: (args: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown;

function wrap(target: object, name: string, wrapped: Wrapped): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") throw new Error(`there is no ${name} to die in any more`);
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]) {
    return wrapped((given) => Reflect.apply(original, this, given), args);
  });
}

function around(target: object, name: string, { before, under, after }: Around): void {
  wrap(target, name, (run, args) => {
    if (before !== undefined) pass(before);
    const result = run(args);
    if (under !== undefined) setImmediate(() => pass(under));
    if (after === undefined) return result;
    if (!(result instanceof Promise)) {
      pass(after);
      return result;
    }
    return result.then((value: unknown) => {
      pass(after);
      return value;
    });
  });
}

for (const [stage, after] of [
  [Admitted, "admitted"],
  [Authenticated, "authenticated"],
  [Limited, "limited"],
  [Parsed, "parsed"],
  [Authorised, "authorised"],
  [Planned, "planned"],
  [Prepared, "prepared"],
  [Held, "held"],
  [Attempted, "attempted"],
] as const) {
  around(stage, "of", { after });
}
for (const authority of [LocalAuthority, SharedAuthority]) {
  around(authority.prototype, "hold", { after: "setAside" });
}
around(SharedHolds.prototype, "hold", { under: "holdsSent", after: "holdsAnswered" });
around(Call.prototype, "delivered", { before: "relaying", after: "relayed" });
for (const traces of [TraceWriter, TraceSender]) {
  around(traces.prototype, "record", { before: "recorded" });
}
around(Outbox.prototype, "after", { after: "batchRead" });
around(Nodes.prototype, "receive", { under: "batchSent", after: "batchAnswered" });
around(Nodes.prototype, "close", { before: "nodeClosing", after: "nodeClosed" });
around(SqliteBooks.prototype, "keep", { before: "booking", after: "booked" });
around(PostgresBooks.prototype, "keep", { before: "booking", under: "bookingSent", after: "booked" });
around(SqliteJournal.prototype, "openIntents", { before: "intentsWanted", after: "intentsRead" });
around(SqliteJournal.prototype, "close", { before: "journalClosing", after: "journalClosed" });

// A line of the log of intents, cut in the middle.
wrap(AppendFile.prototype, "append", (run, args) => {
  const [text] = args;
  if (typeof text !== "string" || text.trim() === "") return run(args);
  const half = text.length >> 1;
  run([text.slice(0, half)]);
  pass("intentBegun");
  run([text.slice(half)]);
  pass("intentWritten");
  return undefined;
});

/** What a row or a transaction that is being written is for. */
interface Writing {
  readonly written: Death;
  readonly committed?: Death;
}
let writing: Writing | undefined;
/** Of the rows in the open transaction. */
const uncommitted = new Set<Death>();

function whileWriting(target: object, name: string, what: Writing, points: Around): void {
  wrap(target, name, (run, args) => {
    writing = what;
    try {
      return run(args);
    } finally {
      writing = undefined;
    }
  });
  around(target, name, points);
}

whileWriting(
  SqliteJournal.prototype,
  "settle",
  { written: "settlementWritten", committed: "settlementCommitted" },
  { before: "settling", after: "settled" },
);
whileWriting(
  SqliteJournal.prototype,
  "checkpoint",
  { written: "checkpointWritten" },
  { before: "checkpointing", after: "checkpointed" },
);
whileWriting(
  Outbox.prototype,
  "acknowledged",
  { written: "acknowledgementWritten" },
  { before: "acknowledging", after: "acknowledged" },
);

wrap(GroupCommit.prototype, "add", (run, args) => {
  const [write] = args;
  const row = writing;
  if (row === undefined || typeof write !== "function") return run(args);
  const writes = (): void => {
    Reflect.apply(write, undefined, []);
    pass(row.written);
    if (row.committed !== undefined) uncommitted.add(row.committed);
  };
  return run([writes]);
});
wrap(SqliteWriter.prototype, "transact", (run, args) => {
  const [work] = args;
  const row = writing;
  if (typeof work !== "function") return run(args);
  const works = (): unknown => {
    const result: unknown = Reflect.apply(work, undefined, []);
    if (row !== undefined) pass(row.written);
    return result;
  };
  const result = run([works]);
  const committed = [...uncommitted];
  uncommitted.clear();
  for (const death of committed) pass(death);
  return result;
});
