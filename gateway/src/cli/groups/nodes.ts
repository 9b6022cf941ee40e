import type { Command } from "commander";
import type { Context } from "../context.ts";
import { anyItem, type Column, type JsonOption, printItems } from "../listing.ts";

const NODES: readonly Column[] = [
  ["ID", "id"],
  ["HOST", "host"],
  ["VERSION", "version"],
  ["STATUS", "status"],
  ["STARTED", "started_at"],
  ["HEARD", "heard_at"],
  ["SET ASIDE", "quarantined"],
];

/** `scaigrid nodes`: the processes that share the store. */
export function addNodes(root: Command, { api, output }: Context): void {
  root
    .command("nodes")
    .description("the processes of this installation")
    .command("list")
    .description("print which there are, which of them are alive, and what the store would not take of them")
    .option("--json", "print them as JSON")
    .action(async (options: JsonOption) => {
      printItems(await api().list("/v1/nodes", anyItem), NODES, options, output);
    });
}
