import { KEY_RANDOM_CHARS, mintKey } from "../access/key-format.ts";
import { claimLink } from "../admin/auth/create-claim.ts";
import { freshToken } from "../admin/auth/sign-in.ts";
import { systemClock as clock } from "../base/clock.ts";
import { randomBase62 } from "../base/crypto.ts";
import { VERSION } from "../base/version.ts";
import { writeOperatorFile } from "../cli/operator-file.ts";
import { welcomeText } from "../cli/welcome.ts";
import type { Config } from "../config/config.ts";
import { listen } from "../http/server.ts";
import { administratorWrites, firstStart, operatorDeltas } from "../jobs/first-start.ts";
import { SANDBOX_SLUG } from "../jobs/sandbox-catalogue.ts";
import { type SqliteRecords, openSqliteRecords } from "../journal/open.ts";
import { recover } from "../settlement/recover.ts";
import { ControlPlane } from "../snapshot/control-plane.ts";
import { type DataFolder, openDataFolder } from "../store/data-folder.ts";
import { hasPeople } from "../store/sign-in/reader.ts";
import { openClaim } from "../store/sign-in/writer.ts";
import { loadSecretKey } from "../store/secret-key.ts";
import { checkSecretKey } from "../store/settings/key-probe.ts";
import { Logger } from "../telemetry/logs.ts";
import { warmUp } from "../upstream/warm-up.ts";
import { assemble } from "./assemble.ts";
import { run } from "./run.ts";

/** A first link waits for somebody to open it; it ends with the next start anyway. */
const CLAIM_LIFE_MS = 7 * 86_400_000;

/**
 * Starts a gateway on its data folder and returns once it has been stopped by a signal. Throws errors whose
 * message says what to do when it cannot start.
 */
export async function up(config: Config): Promise<void> {
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
      workers: {
        reader: new URL("../workers/reader.ts", import.meta.url).href,
        checkpointer: new URL("../workers/checkpointer.ts", import.meta.url).href,
      },
      onFailure: (message) => log.log("error", "store_failed", { reason: message }),
    });
    try {
      await serve(config, folder, records, secret.key, log);
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
  folder: DataFolder,
  records: SqliteRecords,
  secretKey: Uint8Array,
  log: Logger,
): Promise<void> {
  await checkSecretKey(records.store, secretKey);
  const firstKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  const isFirst = await firstStart(records.store, firstKey, clock.now());
  const plane = await ControlPlane.load(records.store.read, () => secretKey);
  await welcomeAdministrator(config, records, plane);
  const recovered = await recover(records.journal, (id) => plane.snapshot.priceVersion(id), clock);
  if (recovered > 0) log.log("warn", "recovered", { count: recovered });

  const gateway = assemble({ config, records, plane, secretKey, log });
  const listening = await listen(config.host, config.port, gateway.handle);
  const url = config.publicUrl ?? listening.url;
  gateway.address.url = url;
  gateway.address.port = listening.port;
  await warmUp(listening.port);
  const claim = (await hasPeople(records.store.read)) ? undefined : await offerClaim(records, url);
  const operatorKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  for (const delta of operatorDeltas(plane.snapshot, operatorKey, clock.now())) plane.snapshot.apply(delta);
  writeOperatorFile(folder.path, { url: listening.url, key: operatorKey, pid: process.pid });
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
  await run({ config, folder, records, gateway, listening, log });
}

/** A one-time link for the first administrator; a start without one makes a new link. */
async function offerClaim(records: SqliteRecords, url: string): Promise<string> {
  const now = clock.now();
  const { token, hash } = freshToken();
  await records.store.commit(openClaim(hash, now + CLAIM_LIFE_MS, now));
  return claimLink(url, token);
}

async function welcomeAdministrator(
  config: Config,
  records: SqliteRecords,
  plane: ControlPlane,
): Promise<void> {
  if (config.adminKey === undefined) return;
  const writes = administratorWrites(plane.snapshot, config.adminKey, clock.now());
  if (writes.length === 0) return;
  await records.store.commit(writes);
  await plane.catchUp();
}
