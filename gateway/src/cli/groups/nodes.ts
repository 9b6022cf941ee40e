import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { systemClock } from "../../base/clock.ts";
import { anyItem, type Column, type Item, type JsonOption, printItems } from "../listing.ts";

const NODES: readonly Column[] = [
  ["ID", "id"],
  ["HOST", "host"],
  ["VERSION", "version"],
  ["MODE", "mode"],
  ["STATUS", "status"],
  ["STARTED", "started_at"],
  ["HEARD", "heard_at"],
  ["HOLDS", "holds"],
  ["SET ASIDE", "quarantined"],
];
const ASIDE: readonly Column[] = [
  ["ID", "id"],
  ["REQUEST", "request_id"],
  ["SINCE", "at"],
  ["REASON", "reason"],
];
/** A deployment of an hour ago may still be looked into. */
const ENDED_SHOWN_MS = 3_600_000;
const QUARANTINE = "/v1/nodes/quarantine";

/** `scaigrid nodes`: the processes that share the store. */
export function addNodes(root: Command, context: Context): void {
  const { api, output } = context;
  const nodes = root.command("nodes").description("the processes of this installation");
  nodes
    .command("list")
    .description("print which there are, which of them are alive, and what the store would not take of them")
    .option("--all", "those too that ended more than an hour ago")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption & { all?: true }) => {
      const all = await api().list("/v1/nodes", anyItem);
      const shown = options.all === true ? all : all.filter((node) => isOfInterest(node, systemClock.now()));
      printItems(shown, NODES, options, output);
      const hidden = all.length - shown.length;
      if (hidden > 0) output.note(`${hidden} more ended over an hour ago; --all prints them too`);
    });
  nodes
    .command("retire")
    .description("close a node that nobody hears of; what it holds in budgets stays counted")
    .argument("<node>", "its id, from `nodes list`")
    .action(async (id: string) => {
      const { holds } = await api().call("POST", pathOf(id, "retire"), held);
      output.data(`${id} is closed; what it holds for ${holds} requests stays counted`);
    });
  nodes
    .command("forgive")
    .description("free what a retired node holds in budgets: it is gone for good")
    .argument("<node>", "its id, from `nodes list`")
    .action(async (id: string) => {
      await api().call("POST", pathOf(id, "forgive"), held);
      output.data(`what ${id} held is free`);
    });
  addQuarantine(nodes, context);
}

/** Whether anybody who looks for something would look at a node: at those that have long ended, and left nothing, not. */
export function isOfInterest({ status, ended_at: ended, holds, quarantined }: Item, nowMs: number): boolean {
  if (status !== "ended" || holds !== 0 || quarantined !== 0) return true;
  return typeof ended !== "string" || nowMs - Date.parse(ended) < ENDED_SHOWN_MS;
}

const held = z.looseObject({ holds: z.number() });

function pathOf(id: string, verb: string): string {
  return `/v1/nodes/${encodeURIComponent(id)}/${verb}`;
}

/** `scaigrid nodes quarantine`: settlements that the store would not take. */
function addQuarantine(nodes: Command, { api, output }: Context): void {
  const quarantine = nodes.command("quarantine").description("settlements that the store would not take");
  quarantine
    .command("list")
    .description("print those on which nobody has decided")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      printItems(await api().list(QUARANTINE, anyItem), ASIDE, options, output);
    });
  quarantine
    .command("retry")
    .description("book one, once what stood in its way is mended")
    .argument("<id>", "from `nodes quarantine list`")
    .action(async (id: string) => {
      await api().call("POST", `${QUARANTINE}/${encodeURIComponent(id)}/retry`, anyItem);
      output.data(`${id} is booked`);
    });
  quarantine
    .command("absorb")
    .description("charge nobody for one, book it as absorbed, and free what it holds in budgets")
    .argument("<id>", "from `nodes quarantine list`")
    .action(async (id: string) => {
      await api().call("POST", `${QUARANTINE}/${encodeURIComponent(id)}/absorb`, anyItem);
      output.data(`${id} is absorbed`);
    });
}
