import { KEY_RANDOM_CHARS, mintKey } from "../access/key-format.ts";
import { type ConfigFile, type OpenedFile, openConfigFile } from "../admin/config-file/config-file.ts";
import { claimLink } from "../admin/auth/create-claim.ts";
import { freshToken } from "../admin/auth/sign-in.ts";
import { systemClock as clock } from "../base/clock.ts";
import { randomBase62 } from "../base/crypto.ts";
import { VERSION } from "../base/version.ts";
import { writeOperatorFile } from "../cli/operator-file.ts";
import { welcomeText } from "../cli/welcome.ts";
import { findConfigFile } from "../config/config-file.ts";
import type { Config } from "../config/config.ts";
import { clientAddress } from "../http/client-address.ts";
import { listen } from "../http/server.ts";
import {
  administratorWrites,
  firstStart,
  giveFirstKey,
  operatorDeltas,
  unlessTaken,
} from "../jobs/first-start.ts";
import { SANDBOX_SLUG } from "../jobs/sandbox-catalogue.ts";
import type { Records } from "../journal/records.ts";
import { recover } from "../settlement/recover.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import { lastWindows } from "../store/budgets/reader.ts";
import { settleClaims } from "../store/idempotency/claims.ts";
import { type DataFolder, openDataFolder } from "../store/data-folder.ts";
import { hasPeople } from "../store/sign-in/reader.ts";
import { openClaim } from "../store/sign-in/writer.ts";
import { forgetSecretKey, loadSecretKeys } from "../store/secret-key/key-file.ts";
import { KeyRing, SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import { Rotation } from "../store/secret-key/rotation.ts";
import { Logger } from "../telemetry/logs.ts";
import { warmUp } from "../upstream/warm-up.ts";
import type { WorkerFiles } from "../store/sqlite/open.ts";
import { assemble } from "./assemble.ts";
import { loadConsole } from "./console-files.ts";
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

/** A first link waits for somebody to open it; it ends with the next start anyway. */
const CLAIM_LIFE_MS = 7 * 86_400_000;
/** Nodes that start within so long of one another are one start of an installation. */
const CLAIM_SHOWN_MS = 60_000;

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
  const claim = await offerClaim(records, url);
  openToOperator(folder, plane, listening.url);
  // Last of all that can fail: from here on nothing stands between the key and whoever reads it.
  const firstKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  const isFirst = await giveFirstKey(records.store, plane.snapshot, firstKey, clock.now());
  if (isFirst) await plane.catchUp();
  log.log("info", "listening", { url, port: listening.port, pid: process.pid, version: VERSION });
  log.flush();
  welcome(config, folder, { url, found, firstKey: isFirst ? firstKey : undefined, claim });
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

/** For people: beside the log where both go to a terminal, out of its way where the log is for machines. */
function welcome(
  { database, logFormat }: Config,
  folder: DataFolder,
  told: Omit<Parameters<typeof welcomeText>[0], "store" | "model">,
): void {
  const out = logFormat === "pretty" ? process.stdout : process.stderr;
  const store = database === undefined ? folder.path : `PostgreSQL at ${database.place}`;
  out.write(welcomeText({ ...told, store, model: SANDBOX_SLUG }));
}

/** Lets the command line on this machine in, for as long as this process lives. */
function openToOperator(folder: DataFolder, plane: ControlPlane, url: string): void {
  const key = mintKey(randomBase62(KEY_RANDOM_CHARS));
  for (const delta of operatorDeltas(plane.snapshot, key, clock.now())) plane.snapshot.apply(delta);
  writeOperatorFile(folder.path, { url, key, pid: process.pid });
}

/** What settles the open requests of processes that have ended. */
function recovery(records: Records, plane: ControlPlane, log: Logger): () => Promise<void> {
  const priceOf = (id: string) => plane.snapshot.priceVersion(id);
  return async () => {
    const recovered = await records.recover((journal) => recover(journal, priceOf, clock));
    if (recovered > 0) log.log("warn", "recovered", { count: recovered });
  };
}

/**
 * A one-time link for the first administrator; a start without one makes a new link, except where another node has
 * just shown one that must go on working.
 */
async function offerClaim({ store }: Records, url: string): Promise<string | undefined> {
  if (await hasPeople(store.read)) return undefined;
  const now = clock.now();
  const { token, hash } = freshToken();
  const shownLately = store.engine === "postgres" ? now - CLAIM_SHOWN_MS : undefined;
  const isOurs = await unlessTaken(store.commit(openClaim(hash, now + CLAIM_LIFE_MS, now, shownLately)));
  return isOurs ? claimLink(url, token) : undefined;
}

async function welcomeAdministrator(config: Config, records: Records, plane: ControlPlane): Promise<void> {
  if (config.adminKey === undefined) return;
  const writes = administratorWrites(plane.snapshot, config.adminKey, clock.now());
  if (writes.length === 0) return;
  await unlessTaken(records.store.commit(writes));
  await plane.catchUp();
}
