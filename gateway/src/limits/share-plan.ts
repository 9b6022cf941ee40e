/** What one node said of one scope, when it last wrote of it. */
export interface ShareEntry {
  /** What the node may have let through in the window, or have in flight. */
  readonly share: number;
  /** What it had let through. */
  readonly used: number;
  /** What it had refused in the window, at most the limit: with `used` what it needs. */
  readonly refused: number;
  /** Whether it has refused something in the last seconds. */
  readonly isPressing: boolean;
  /** The version of the row at which it last had let something through: who has waited longest goes first. */
  readonly turn: number;
  /** The least that lets it serve one more: 1, or the tokens of one request. */
  readonly unit: number;
}

/** One limit that runs hot, and how it is shared out. The sum of the shares is at most the limit. */
export interface ShareRow {
  /** Rises with every change: whoever writes demands that it is still the one that was read. 0 = not there yet. */
  readonly version: number;
  readonly limit: number;
  /** By node id. */
  readonly nodes: ReadonlyMap<string, ShareEntry>;
}

/** What a node does about one scope. */
export interface ShareStep {
  /** What it wants to write: another row, none any more, or nothing. */
  readonly change: ShareRow | "remove" | undefined;
  /** Its share once that is written. */
  readonly share: number;
  /** What it lets through meanwhile and afterwards, at most: less than its share where others are to have some of it. */
  readonly cap: number;
  /** Whether the scope as a whole has room that nobody uses. */
  readonly hasSpare: boolean;
}

/** What a node knows of itself. */
export type OwnEntry = Pick<ShareEntry, "used" | "refused" | "isPressing" | "unit">;

/** Parts in which a contested limit is dealt out: fine enough to be fair, coarse enough to be quick. */
const PARTS = 64;

/**
 * The share of a node of a limit that nobody presses on: an equal one. What is left over goes to the first nodes, so that
 * the sum is the limit; below the number of nodes some have nothing until they ask for it.
 */
export function baseShare(limit: number, rank: number, count: number): number {
  return Math.floor(limit / count) + (rank < limit % count ? 1 : 0);
}

/** Whether a scope is worth a row: its node has let half of an equal share through, or refused somebody. */
export function isHot({ used, isPressing }: OwnEntry, base: number): boolean {
  return isPressing || used * 2 > base;
}

/**
 * What `me` does about one scope, given its row as it was read. A share is only ever lowered to what is used of it, and only
 * ever raised by what is free: so the sum of what all nodes have let through never exceeds the limit, whoever else
 * writes when. `live`: the ids of the nodes that serve, in their order, with `me` among them. `limit`: where it is another
 * one by now.
 */
export function shareStep(
  row: ShareRow,
  me: string,
  own: OwnEntry,
  live: readonly string[],
  limit = row.limit,
): ShareStep {
  const { version } = row;
  const known = row.nodes.get(me);
  const entries = live.map((id, rank) => ({
    id,
    base: baseShare(limit, rank, live.length),
    ...(row.nodes.get(id) ?? startOf(baseShare(limit, rank, live.length))),
  }));
  const taken = entries.reduce((sum, { id, share }) => (id === me ? sum : sum + share), 0);
  const mine = entries.find(({ id }) => id === me);
  if (mine === undefined) return { change: undefined, share: 0, cap: 0, hasSpare: true };
  // One that joins what others have shared out already has what they have left.
  if (version > 0 && known === undefined) mine.share = clamp(limit - taken, 0, mine.base);
  const before = { ...mine };
  Object.assign(mine, own, { turn: own.used > 0 ? version + 1 : mine.turn });
  const cap = ideals(limit, entries).get(me) ?? 0;
  const free = Math.max(0, limit - taken - before.share);
  mine.share =
    cap < before.share ? Math.max(cap, Math.min(before.share, own.used)) : Math.min(cap, before.share + free);
  const used = entries.reduce((sum, entry) => sum + entry.used, 0);
  const step = { share: mine.share, cap, hasSpare: used < limit };
  if (entries.every(({ share, base }) => share === base) && !entries.some(isWarm)) {
    return { ...step, change: version === 0 ? undefined : "remove" };
  }
  const isNews =
    known === undefined || limit !== row.limit || mine.share !== before.share || differs(mine, before);
  if (!isNews) return { ...step, change: undefined };
  return {
    ...step,
    change: { version, limit, nodes: new Map(entries.map((each) => [each.id, entryOf(each)])) },
  };
}

function entryOf({ share, used, refused, isPressing, turn, unit }: ShareEntry): ShareEntry {
  return { share, used, refused, isPressing, turn, unit };
}

function startOf(share: number): ShareEntry {
  return { share, used: 0, refused: 0, isPressing: false, turn: 0, unit: 1 };
}

type Based = ShareEntry & { readonly id: string; readonly base: number };

/** Whether a scope keeps its row: later than it got it, so that rows do not come and go. */
function isWarm({ used, isPressing, base }: Based): boolean {
  return isPressing || used * 4 > base;
}

/** Whether another node would decide otherwise for it. */
function differs(now: Based, before: Based): boolean {
  if (now.isPressing !== before.isPressing) return true;
  const step = Math.max(1, now.base / 8);
  return Math.abs(now.used - before.used) >= step || Math.abs(now.refused - before.refused) >= step;
}

/** What each node ought to have, were the limit to be shared out anew. */
function ideals(limit: number, entries: readonly Based[]): ReadonlyMap<string, number> {
  if (!entries.some(isWarm)) return new Map(entries.map(({ id, base }) => [id, base]));
  const needs = entries.map((entry) => ({
    id: entry.id,
    isPressing: entry.isPressing,
    turn: entry.turn,
    unit: clamp(entry.unit, 1, Math.max(1, limit)),
    need: Math.min(
      limit,
      entry.used + (entry.isPressing ? Math.max(entry.refused, entry.unit) : entry.refused),
    ),
  }));
  const total = needs.reduce((sum, { need }) => sum + need, 0);
  return total < limit ? generous(limit - total, needs) : fair(limit, needs);
}

interface Need {
  readonly id: string;
  readonly isPressing: boolean;
  readonly turn: number;
  readonly unit: number;
  readonly need: number;
}

/** Everyone has what it needs; what is left goes to those that refuse, all but one for each of the others, or to all. */
function generous(rest: number, needs: readonly Need[]): ReadonlyMap<string, number> {
  const shares = new Map(needs.map(({ id, need }) => [id, need]));
  const pressing = needs.filter(({ isPressing }) => isPressing);
  let left = rest;
  if (pressing.length > 0) {
    for (const { id, need } of needs) {
      if (need > 0 || left === 0) continue;
      shares.set(id, 1);
      left--;
    }
  }
  const favoured = pressing.length > 0 ? pressing : needs;
  for (const [rank, { id, need }] of favoured.entries()) {
    shares.set(id, need + baseShare(left, rank, favoured.length));
  }
  return shares;
}

/** There is too little for all: dealt out part by part, each time first to who has waited longest, to none more than it needs. */
function fair(limit: number, needs: readonly Need[]): ReadonlyMap<string, number> {
  const shares = new Map(needs.map(({ id }) => [id, 0]));
  const part = Math.ceil(limit / PARTS);
  let left = limit;
  let waiting = needs
    .filter(({ need }) => need > 0)
    .toSorted((a, b) => a.turn - b.turn || (a.id < b.id ? -1 : 1));
  const isStillHungry = ({ id, need, unit }: Need): boolean => {
    const has = shares.get(id) ?? 0;
    const wants = Math.min(need - has, Math.max(part, unit));
    // Less than one request takes is of no use to it, and of use to others.
    const gets = unit > 1 && wants > left ? 0 : Math.min(wants, left);
    shares.set(id, has + gets);
    left -= gets;
    return gets > 0 && has + gets < need;
  };
  while (waiting.length > 0) waiting = waiting.filter(isStillHungry);
  return shares;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
