import { KEY_RANDOM_CHARS, mintKey } from "../access/key-format.ts";
import { claimLink } from "../admin/auth/create-claim.ts";
import { freshToken } from "../admin/auth/sign-in.ts";
import { systemClock as clock } from "../base/clock.ts";
import { randomBase62 } from "../base/crypto.ts";
import { VERSION } from "../base/version.ts";
import { writeOperatorFile } from "../cli/operator-file.ts";
import { welcomeText } from "../cli/welcome.ts";
import type { Config } from "../config/config.ts";
import { referenceReader } from "../config/references.ts";
import { listen } from "../http/server.ts";
import { administratorWrites, firstStart, giveFirstKey, operatorDeltas } from "../jobs/first-start.ts";
import { SANDBOX_SLUG } from "../jobs/sandbox-catalogue.ts";
import { openSqliteRecords } from "../journal/open.ts";
import type { Records } from "../journal/records.ts";
import { recover } from "../settlement/recover.ts";
import { ControlPlane } from "../snapshot/control-plane.ts";
import { type DataFolder, openDataFolder } from "../store/data-folder.ts";
import { hasPeople } from "../store/sign-in/reader.ts";
import { openClaim } from "../store/sign-in/writer.ts";
import { loadSecretKey } from "../store/secret-key.ts";
import { checkSecretKey } from "../store/settings/key-probe.ts";
import { Logger } from "../telemetry/logs.ts";
import { warmUp } from "../upstream/warm-up.ts";
import type { WorkerFiles } from "../store/sqlite/open.ts";
import { assemble } from "./assemble.ts";
import { loadConsole } from "./console-files.ts";
import { run } from "./run.ts";
import { Signals } from "./signals.ts";

/** Where the program keeps what it does not import. */
export interface ProgramFiles {
  readonly workers: WorkerFiles;
  /** The folder of the built console. */
  readonly console: string;
}

/** A first link waits for somebody to open it; it ends with the next start anyway. */
const CLAIM_LIFE_MS = 7 * 86_400_000;

/**
 * Starts a gateway on its data folder and returns once it has been stopped by a signal. Throws errors whose
 * message says what to do when it cannot start.
 */
export async function up(config: Config, files: ProgramFiles): Promise<void> {
  const log = new Logger({
    level: config.logLevel,
    format: config.logFormat,
    colour: process.stdout.isTTY,
    clock,
    write: (text) => void process.stdout.write(text),
    defer: (flush) => void setImmediate(flush),
  });
  const folder = openDataFolder(config.dataDir);
  try {
    const secret = loadSecretKey(folder.path, config.secretKey);
    const records = await openSqliteRecords({
      folder: folder.path,
      clock,
      workers: files.workers,
      onFailure: (message) => log.log("error", "store_failed", { reason: message }),
    });
    try {
      await serve(config, files, folder, records, secret.key, log);
    } finally {
      await records.close();
    }
  } finally {
    log.flush();
    folder.release();
  }
}

async function serve(
  config: Config,
  files: ProgramFiles,
  folder: DataFolder,
  records: Records,
  secretKey: Uint8Array,
  log: Logger,
): Promise<void> {
  await checkSecretKey(records.store, secretKey);
  await firstStart(records.store, clock.now());
  const plane = await ControlPlane.load(records.store.control, {
    keyOf: () => secretKey,
    readReference: referenceReader(folder.path),
  });
  await welcomeAdministrator(config, records, plane);
  const priceOf = (id: string) => plane.snapshot.priceVersion(id);
  const recovered = await records.recover((journal) => recover(journal, priceOf, clock));
  if (recovered > 0) log.log("warn", "recovered", { count: recovered });

  const gateway = assemble({ config, console: loadConsole(files.console), records, plane, secretKey, log });
  const listening = await listen(config.host, config.port, gateway.handle);
  // Before anyone is told that it runs: who is told may want it stopped at once, and in good order.
  const signals = new Signals();
  const url = config.publicUrl ?? listening.url;
  gateway.address.url = url;
  gateway.address.port = listening.port;
  await warmUp(listening.port);
  const claim = (await hasPeople(records.store.read)) ? undefined : await offerClaim(records, url);
  const operatorKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  for (const delta of operatorDeltas(plane.snapshot, operatorKey, clock.now())) plane.snapshot.apply(delta);
  writeOperatorFile(folder.path, { url: listening.url, key: operatorKey, pid: process.pid });
  // Last of all that can fail: from here on nothing stands between the key and whoever reads it.
  const firstKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  const isFirst = await giveFirstKey(records.store, plane.snapshot, firstKey, clock.now());
  if (isFirst) await plane.catchUp();
  log.log("info", "listening", { url, port: listening.port, pid: process.pid, version: VERSION });
  log.flush();
  // For people: beside the log where both go to a terminal, out of its way where the log is for machines.
  const out = config.logFormat === "pretty" ? process.stdout : process.stderr;
  out.write(
    welcomeText({
      url,
      folder: folder.path,
      model: SANDBOX_SLUG,
      firstKey: isFirst ? firstKey : undefined,
      claim,
    }),
  );
  await run({ config, folder, records, gateway, listening, signals, log });
}

/** A one-time link for the first administrator; a start without one makes a new link. */
async function offerClaim(records: Records, url: string): Promise<string> {
  const now = clock.now();
  const { token, hash } = freshToken();
  await records.store.commit(openClaim(hash, now + CLAIM_LIFE_MS, now));
  return claimLink(url, token);
}

async function welcomeAdministrator(config: Config, records: Records, plane: ControlPlane): Promise<void> {
  if (config.adminKey === undefined) return;
  const writes = administratorWrites(plane.snapshot, config.adminKey, clock.now());
  if (writes.length === 0) return;
  await records.store.commit(writes);
  await plane.catchUp();
}
