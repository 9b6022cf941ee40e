import { KEY_RANDOM_CHARS, mintKey } from "../access/key-format.ts";
import { claimLink } from "../admin/auth/create-claim.ts";
import { freshToken } from "../admin/auth/sign-in.ts";
import { systemClock as clock } from "../base/clock.ts";
import { randomBase62 } from "../base/crypto.ts";
import { writeOperatorFile } from "../cli/operator-file.ts";
import { welcomeText, workerText } from "../cli/welcome.ts";
import type { Config } from "../config/config.ts";
import { giveFirstKey, operatorDeltas, unlessTaken } from "../jobs/first-start.ts";
import { SANDBOX_SLUG } from "../jobs/sandbox-catalogue.ts";
import type { Records } from "../journal/records.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import type { DataFolder } from "../store/data-folder.ts";
import { hasPeople } from "../store/sign-in/reader.ts";
import { openClaim } from "../store/sign-in/writer.ts";
import type { Role } from "./processes/messages.ts";

/** A first link waits for somebody to open it; it ends with the next start anyway. */
const CLAIM_LIFE_MS = 7 * 86_400_000;
/** Nodes that start within so long of one another are one start of an installation. */
const CLAIM_SHOWN_MS = 60_000;

/** A start that has come to listen. */
export interface Introduced {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly records: Records;
  readonly plane: ControlPlane;
  /** For links. */
  readonly url: string;
  /** For this machine. */
  readonly localUrl: string;
  /** A line for people about each provider that was added. */
  readonly found: readonly string[];
  /** Where it is one of several processes. */
  readonly role: Role | undefined;
}

/**
 * Lets the command line on this machine in, and people at the first start. Returns what people are to be told, once
 * nothing else can fail.
 */
export async function introduce(start: Introduced): Promise<string> {
  const { config, folder, records, plane, url, localUrl, found, role } = start;
  // Nobody can call it: the first key and the link are for a start that serves.
  if (config.mode === "worker") return workerText(url);
  // The first of several processes has told of all, and each of them may be the one that is reached.
  const operatorKey = role?.operatorKey ?? mintKey(randomBase62(KEY_RANDOM_CHARS));
  for (const delta of operatorDeltas(plane.snapshot, operatorKey, clock.now())) plane.snapshot.apply(delta);
  if (role?.isFirst === false) return "";
  const claim = await offerClaim(records, url);
  // It goes with the process that began the start.
  const pid = role === undefined ? process.pid : process.ppid;
  writeOperatorFile(folder.path, { url: localUrl, key: operatorKey, pid });
  // Last of all that can fail: from here on nothing stands between the key and whoever reads it.
  const firstKey = mintKey(randomBase62(KEY_RANDOM_CHARS));
  const isFirst = await giveFirstKey(records.store, plane.snapshot, firstKey, clock.now());
  if (isFirst) await plane.catchUp();
  const store = config.database === undefined ? folder.path : `PostgreSQL at ${config.database.place}`;
  const key = isFirst ? firstKey : undefined;
  return welcomeText({ url, store, model: SANDBOX_SLUG, found, claim, firstKey: key });
}

/** For people: beside the log where both go to a terminal, out of its way where the log is for machines. */
export function tellPeople({ logFormat }: Pick<Config, "logFormat">, text: string): void {
  const out = logFormat === "pretty" ? process.stdout : process.stderr;
  out.write(text);
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
