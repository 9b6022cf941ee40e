import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { JsonOption } from "../listing.ts";
import { pathTo, type Resource } from "./resource.ts";

const answered = z.looseObject({
  broken_streams: z.looseObject({ policy: z.string(), set_by: z.string() }),
});
/** What takes a policy away, so that the one above it holds. */
const NONE = "none";

/** `scaigrid <level> broken-streams <id> [policy]`: who pays for them, or who does from now on. */
export function addBrokenStreams(group: Command, level: Resource, { api, output }: Context): void {
  group
    .command("broken-streams")
    .description("print who pays for answers that do not reach their end, or set it")
    .argument("<id>", `the ${level.singular}'s id`)
    .argument("[policy]", "delivered, upstream or free_on_provider_fault; none takes it away")
    .option("--json", "print it as JSON")
    .action(async (id: string, policy: string | undefined, { json }: JsonOption) => {
      const gateway = api();
      const path = await pathTo(level, id, gateway);
      const { broken_streams: inForce } = await (policy === undefined
        ? gateway.call("GET", path, answered)
        : gateway.call(
            "PATCH",
            path,
            answered,
            { broken_streams: policy === NONE ? null : policy },
            { broken_streams: "[policy]" },
          ));
      output.data(json === true ? JSON.stringify(inForce) : `${inForce.policy} (set by: ${inForce.set_by})`);
    });
}
