import type { Clock } from "../../base/clock.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { NODE_SILENT_MS, type NodeStart, type Nodes } from "../../store/nodes/nodes.ts";
import type { Journal } from "../journal.ts";
import { SqliteJournal } from "../sqlite-journal.ts";
import { type JournalFile, type JournalFiles, journalsIn, openJournalFile, removeJournal } from "./file.ts";
import { Flusher, type Refused } from "./flusher.ts";
import { KEPT_MS, Outbox } from "./outbox.ts";

/** How long a journal that cannot be read, or not be settled to its end, is left alone. */
const TRY_AGAIN_MS = 600_000;

export interface AdoptOptions {
  readonly files: JournalFiles;
  readonly nodes: Nodes;
  /** Who adopts. */
  readonly node: NodeStart;
  readonly clock: Clock;
  /** Settles what is open in a journal; returns how many. */
  readonly settle: (journal: Journal) => Promise<number>;
  readonly onFailure: (message: string) => void;
  readonly onRefused: (refused: Refused & { readonly nodeId: string }) => void;
  /** Journals that need not be looked at before that instant (epoch milliseconds). */
  readonly closed: Map<string, number>;
}

/** A journal that was taken over from a process that has ended. */
export interface Adopted {
  readonly nodeId: string;
  readonly settled: number;
}

/**
 * Takes over every journal in the data folder that nobody holds: settles what is open in it, sees it into the store
 * under its own node, and removes it a day after the store has taken the last of it. One that cannot be taken over
 * now is told of and tried again next time. Rejects with StoreUnavailable.
 */
export async function adoptJournals(options: AdoptOptions): Promise<readonly Adopted[]> {
  const adopted: Adopted[] = [];
  for (const nodeId of await undone(options)) {
    try {
      const file = openJournalFile(nodeId, options.files);
      if (file === undefined) continue;
      const settled = await adopt(file, options);
      if (settled !== undefined) adopted.push({ nodeId, settled });
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      options.closed.set(nodeId, options.clock.now() + TRY_AGAIN_MS);
      options.onFailure(`the journal ${nodeId} cannot be taken over: ${String(error)}`);
    }
  }
  return adopted;
}

/**
 * The journals that have to be opened. One with which all is done is not, as long as the store has its last row: a process
 * that is started again and again leaves many. Such a one is removed when its day is over.
 */
async function undone({ files, node, nodes, clock, closed }: AdoptOptions): Promise<readonly string[]> {
  const now = clock.now();
  const left = journalsIn(files.folder).filter(
    ({ nodeId }) => nodeId !== node.id && now >= (closed.get(nodeId) ?? 0),
  );
  const taken = await nodes.taken(left.flatMap(({ nodeId, done }) => (done ? nodeId : [])));
  return left.flatMap(({ nodeId, done }) => {
    if (done === undefined || (taken.get(nodeId) ?? -1n) < done.seq) return nodeId;
    const endsAt = done.at + KEPT_MS;
    if (now < endsAt) closed.set(nodeId, endsAt);
    else removeJournal(files.folder, nodeId);
    return [];
  });
}

/**
 * How many were settled. While an intent is left open its node is not closed, so that what it held is still counted, and
 * the journal is tried again. Undefined where there was nothing left but the file, or its node is alive elsewhere.
 */
async function adopt(file: JournalFile, options: AdoptOptions): Promise<number | undefined> {
  const { clock, nodes, node, settle, closed } = options;
  const { nodeId, writer, intents } = file;
  let over = false;
  try {
    // The lock of a copy tells nothing of the process that wrote it: only its silence does.
    if (!file.isWhereMade && (await nodes.silence(nodeId)) <= NODE_SILENT_MS) return undefined;
    const outbox = new Outbox(writer, clock);
    const journal = new SqliteJournal({ writer, clock, nodeId: node.id, intents, settlements: outbox });
    const settled = await settle(journal);
    // Set aside: neither the file nor what the store holds for it may go before somebody has decided.
    const isOpen = (await journal.openIntents()).length > 0;
    await journal.close();
    const before = outbox.acknowledgement();
    over =
      !isOpen && before !== undefined && before.seq >= outbox.last() && before.at < clock.now() - KEPT_MS;
    if (over) return undefined;
    const flusher = new Flusher({
      outbox,
      nodes,
      // When it started is not known any more where the store has forgotten it.
      node: { ...node, id: nodeId },
      clock,
      onRefused: (refused) => options.onRefused({ ...refused, nodeId }),
    });
    await flusher.flush();
    if (isOpen) {
      closed.set(nodeId, clock.now() + TRY_AGAIN_MS);
      return settled;
    }
    await nodes.close(nodeId);
    if (before === undefined) outbox.acknowledged(flusher.acknowledged);
    // Nothing in it that the store could lose.
    over = outbox.last() === 0n;
    if (over) return settled;
    file.markDone(outbox.last(), outbox.acknowledgement()?.at ?? clock.now());
    closed.set(nodeId, clock.now() + KEPT_MS);
    return settled;
  } finally {
    if (over) {
      closed.delete(nodeId);
      await file.remove();
    } else {
      await file.close();
    }
  }
}
