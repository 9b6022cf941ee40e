import { type ConfigFile, type OpenedFile, openConfigFile } from "../admin/config-file/config-file.ts";
import { systemClock as clock } from "../base/clock.ts";
import { VERSION } from "../base/version.ts";
import { findConfigFile } from "../config/config-file.ts";
import type { Config } from "../config/config.ts";
import { clientAddress } from "../http/client-address.ts";
import type { Handle } from "../http/handle.ts";
import { type Listening, listen } from "../http/server.ts";
import { administratorWrites, firstStart, unlessTaken } from "../jobs/first-start.ts";
import type { Records } from "../journal/records.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import { lastWindows } from "../store/budgets/reader.ts";
import { settleClaims } from "../store/idempotency/claims.ts";
import { type DataFolder, openDataFolder } from "../store/data-folder.ts";
import { forgetSecretKey, loadSecretKeys } from "../store/secret-key/key-file.ts";
import { KeyRing, SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import { Rotation } from "../store/secret-key/rotation.ts";
import { linePieces } from "../telemetry/line-pieces.ts";
import { Logger } from "../telemetry/logs.ts";
import { warmUp } from "../upstream/warm-up.ts";
import type { WorkerFiles } from "../store/sqlite/open.ts";
import { assemble } from "./assemble.ts";
import { loadConsole } from "./console-files.ts";
import { introduce, tellPeople } from "./introduce.ts";
import { loadPlane } from "./load-plane.ts";
import { demandDescriptors, inspectMachine } from "./machine.ts";
import type { Parts } from "./parts.ts";
import { ProcessSignals } from "./processes/process-signals.ts";
import { supervise } from "./processes/supervise.ts";
import { SupervisorLink } from "./processes/supervisor-link.ts";
import { openRecords, upgradeStore } from "./records.ts";
import { recovery } from "./recovery.ts";
import { run } from "./run.ts";
import { Signals } from "./signals.ts";

/** Where the program keeps what it does not import. */
export interface ProgramFiles {
  readonly workers: WorkerFiles;
  /** The folder of the built console. */
  readonly console: string;
}

/** A start, from the first look at its settings to its end. */
interface Start {
  readonly config: Config;
  readonly files: ProgramFiles;
  readonly folder: DataFolder;
  readonly log: Logger;
  readonly file: OpenedFile | undefined;
  /** Where it is one of several processes. */
  readonly processes: SupervisorLink | undefined;
}

/**
 * Starts a gateway on its data folder, in this process or as many as `SCAIGRID_WORKERS` says, and returns once it has
 * been stopped by a signal. Throws errors whose message says what to do when it cannot start.
 */
export async function up(config: Config, files: ProgramFiles): Promise<void> {
  if (config.workers > 1 && config.mode !== "migrate") await supervise(config, logOf(config));
  else await upAlone(config, files, logOf(config));
}

/** Starts the gateway as one of several processes: what a supervisor starts. */
export async function upTogether(config: Config, files: ProgramFiles): Promise<void> {
  const link = await SupervisorLink.open();
  const { port = config.port, index } = link.role;
  const write = (text: string): void => {
    for (const piece of linePieces(text)) process.stdout.write(piece);
  };
  const log = logOf(config, write);
  log.tag({ worker: String(index) });
  await upAlone({ ...config, port }, files, log, link);
}

async function upAlone(
  config: Config,
  files: ProgramFiles,
  log: Logger,
  processes?: SupervisorLink,
): Promise<void> {
  demandDescriptors();
  // Before anything is opened: a slip in it leaves nothing behind.
  const path = findConfigFile(config);
  const file = path === undefined ? undefined : openConfigFile(path);
  // With PostgreSQL each process has a journal of its own there.
  const folder = openDataFolder(config.dataDir, config.database ? "shared" : "alone");
  try {
    if (config.mode === "migrate") await upgradeStore(config, folder.path, files.workers, log);
    else await serveFrom({ config, files, folder, log, file, processes });
  } finally {
    log.flush();
    folder.release();
  }
}

function logOf(
  { logLevel, logFormat }: Config,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Logger {
  return new Logger({
    level: logLevel,
    format: logFormat,
    colour: process.stdout.isTTY,
    clock,
    write,
    defer: (flush) => void setImmediate(flush),
  });
}

async function serveFrom(start: Start): Promise<void> {
  const { config, files, folder, log, processes } = start;
  const { secretKey: key, previousSecretKey: previous } = config;
  const secret = loadSecretKeys(folder.path, { key, previous });
  const records = await openRecords(config, folder.path, files.workers, log);
  if (processes) log.tag({ node_id: records.shared?.nodeId });
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
    await serve(start, records, { ring, rotation });
  } finally {
    await records.close();
  }
}

async function serve(
  { config, files, folder, log, file, processes }: Start,
  records: Records,
  secrets: Pick<Parts, "ring" | "rotation">,
): Promise<void> {
  await firstStart(records.store, clock.now());
  const { plane, found, configFile } = await loadPlane(config, records.store, secrets.ring, log, file);
  await welcomeAdministrator(config, records, plane);
  const recoverLeft = recovery(records, plane, log);
  await recoverLeft();

  // Where nodes share the store, what one leaves is settled when it is closed.
  if (records.shared === undefined) await records.store.commit(settleClaims());
  const spentWindows = await lastWindows(records.store.control);
  const machine = inspectMachine(processes?.role.processes ?? 1);
  const shared = { config, records, plane, ...secrets, configFile, log, ...(processes && { processes }) };
  const gateway = assemble({ ...shared, machine, console: loadConsole(files.console), spentWindows });
  await gateway.limits.rebalance();
  const listening = await openPort(config, gateway.handle, processes);
  // Before anyone is told that it runs: who is told may want it stopped at once, and in good order.
  const onHangUp = hangUp(configFile);
  const signals = processes ? new ProcessSignals(processes, onHangUp) : new Signals(onHangUp);
  const url = config.publicUrl ?? listening.url;
  gateway.address.url = url;
  gateway.address.port = listening.port;
  await warmUp(listening.port);
  const role = processes?.role;
  const words = await introduce({
    config,
    folder,
    records,
    plane,
    url,
    localUrl: listening.url,
    found,
    role,
  });
  log.log("info", "listening", { url, port: listening.port, pid: process.pid, version: VERSION });
  log.flush();
  tellPeople(config, words);
  processes?.listening(listening.port);
  await run({ config, folder, records, gateway, listening, signals, log, recoverLeft });
}

/** Several processes open the same port; the first of them makes sure that no other program has it. */
async function openPort(
  { host, port, trustedProxies }: Config,
  handle: Handle,
  processes: SupervisorLink | undefined,
): Promise<Listening> {
  const addressOf = clientAddress(trustedProxies);
  if (processes?.role.isFirst === true && port !== 0) {
    await (await listen(host, port, handle, addressOf)).cut();
  }
  return listen(host, port, handle, addressOf, processes !== undefined);
}

/** What SIGHUP does in place of ending the process. On a terminal a hang-up is the end. */
function hangUp(configFile: ConfigFile | undefined): (() => void) | undefined {
  if (!configFile || process.stdout.isTTY) return undefined;
  return () => {
    // Where the store was away, the next look at the file makes up for it.
    configFile.reload().catch(() => undefined);
  };
}

async function welcomeAdministrator(config: Config, records: Records, plane: ControlPlane): Promise<void> {
  if (config.adminKey === undefined) return;
  const writes = administratorWrites(plane.snapshot, config.adminKey, clock.now());
  if (writes.length === 0) return;
  await unlessTaken(records.store.commit(writes));
  await plane.catchUp();
}
