import { type ConfigFile, type OpenedFile, openConfigFile } from "../admin/config-file/config-file.ts";
import { systemClock as clock } from "../base/clock.ts";
import { VERSION } from "../base/version.ts";
import { findConfigFile } from "../config/config-file.ts";
import type { Config } from "../config/config.ts";
import { clientAddress } from "../http/client-address.ts";
import { listen } from "../http/server.ts";
import { administratorWrites, firstStart, unlessTaken } from "../jobs/first-start.ts";
import type { Records } from "../journal/records.ts";
import { recover } from "../settlement/recover.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import { lastWindows } from "../store/budgets/reader.ts";
import { settleClaims } from "../store/idempotency/claims.ts";
import { type DataFolder, openDataFolder } from "../store/data-folder.ts";
import { forgetSecretKey, loadSecretKeys } from "../store/secret-key/key-file.ts";
import { KeyRing, SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import { Rotation } from "../store/secret-key/rotation.ts";
import { Logger } from "../telemetry/logs.ts";
import { warmUp } from "../upstream/warm-up.ts";
import type { WorkerFiles } from "../store/sqlite/open.ts";
import { assemble } from "./assemble.ts";
import { loadConsole } from "./console-files.ts";
import { introduce, tellPeople } from "./introduce.ts";
import { loadPlane } from "./load-plane.ts";
import { demandDescriptors, inspectMachine } from "./machine.ts";
import type { Parts } from "./parts.ts";
import { openRecords, upgradeStore } from "./records.ts";
import { run } from "./run.ts";
import { Signals } from "./signals.ts";

/** Where the program keeps what it does not import. */
export interface ProgramFiles {
  readonly workers: WorkerFiles;
  /** The folder of the built console. */
  readonly console: string;
}

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
  demandDescriptors();
  // Before anything is opened: a slip in it leaves nothing behind.
  const path = findConfigFile(config);
  const file = path === undefined ? undefined : openConfigFile(path);
  // With PostgreSQL each process has a journal of its own there.
  const folder = openDataFolder(config.dataDir, config.database ? "shared" : "alone");
  try {
    if (config.mode === "migrate") await upgradeStore(config, folder.path, files.workers, log);
    else await serveFrom(config, files, folder, log, file);
  } finally {
    log.flush();
    folder.release();
  }
}

async function serveFrom(
  config: Config,
  files: ProgramFiles,
  folder: DataFolder,
  log: Logger,
  file: OpenedFile | undefined,
): Promise<void> {
  const { secretKey: key, previousSecretKey: previous } = config;
  const secret = loadSecretKeys(folder.path, { key, previous });
  const records = await openRecords(config, folder.path, files.workers, log);
  try {
    let ring: KeyRing;
    try {
      ring = await KeyRing.open(records.store, secret);
    } catch (error) {
      // What this start made opens nothing, and would stand in the way of the right one.
      if (secret.created && error instanceof SecretKeyMismatch) forgetSecretKey(folder.path);
      throw error;
    }
    const rotation = new Rotation({ store: records.store, ring, secret, clock });
    await serve(config, files, folder, records, { ring, rotation, file }, log);
  } finally {
    await records.close();
  }
}

async function serve(
  config: Config,
  files: ProgramFiles,
  folder: DataFolder,
  records: Records,
  { file, ...secrets }: Pick<Parts, "ring" | "rotation"> & { readonly file: OpenedFile | undefined },
  log: Logger,
): Promise<void> {
  await firstStart(records.store, clock.now());
  const { plane, found, configFile } = await loadPlane(config, records.store, secrets.ring, log, file);
  await welcomeAdministrator(config, records, plane);
  const recoverLeft = recovery(records, plane, log);
  await recoverLeft();

  // Where nodes share the store, what one leaves is settled when it is closed.
  if (records.shared === undefined) await records.store.commit(settleClaims());
  const spentWindows = await lastWindows(records.store.control);
  const [console, machine] = [loadConsole(files.console), inspectMachine()];
  const shared = { config, records, plane, ...secrets, configFile, log };
  const gateway = assemble({ ...shared, machine, console, spentWindows });
  const { host, port, trustedProxies } = config;
  const listening = await listen(host, port, gateway.handle, clientAddress(trustedProxies));
  // Before anyone is told that it runs: who is told may want it stopped at once, and in good order.
  const signals = new Signals(hangUp(configFile));
  const url = config.publicUrl ?? listening.url;
  gateway.address.url = url;
  gateway.address.port = listening.port;
  await warmUp(listening.port);
  const words = await introduce({ config, folder, records, plane, url, localUrl: listening.url, found });
  log.log("info", "listening", { url, port: listening.port, pid: process.pid, version: VERSION });
  log.flush();
  tellPeople(config, words);
  await run({ config, folder, records, gateway, listening, signals, log, recoverLeft });
}

/** What SIGHUP does in place of ending the process. On a terminal a hang-up is the end. */
function hangUp(configFile: ConfigFile | undefined): (() => void) | undefined {
  if (!configFile || process.stdout.isTTY) return undefined;
  return () => {
    // Where the store was away, the next look at the file makes up for it.
    configFile.reload().catch(() => undefined);
  };
}

/** What settles the open requests of processes that have ended. */
function recovery(records: Records, plane: ControlPlane, log: Logger): () => Promise<void> {
  const priceOf = (id: string) => plane.snapshot.priceVersion(id);
  return async () => {
    const recovered = await records.recover((journal) => recover(journal, priceOf, clock));
    if (recovered > 0) log.log("warn", "recovered", { count: recovered });
  };
}

async function welcomeAdministrator(config: Config, records: Records, plane: ControlPlane): Promise<void> {
  if (config.adminKey === undefined) return;
  const writes = administratorWrites(plane.snapshot, config.adminKey, clock.now());
  if (writes.length === 0) return;
  await unlessTaken(records.store.commit(writes));
  await plane.catchUp();
}
