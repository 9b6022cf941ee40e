import type { Command } from "commander";
import type { Context } from "../context.ts";
import { anyItem, type Column, type Item, type JsonOption } from "../listing.ts";
import { addBrokenStreams } from "./broken-streams.ts";
import { addLimits } from "./limits.ts";
import { addResource, type Field, pathTo, type Resource, TENANT } from "./resource.ts";

const LEVEL: readonly Column[] = [
  ["ID", "id"],
  ["SLUG", "slug"],
  ["NAME", "display_name"],
  ["STATUS", "status"],
  ["TIME ZONE", "time_zone"],
];
const USER: readonly Column[] = [
  ["ID", "id"],
  ["NAME", "display_name"],
  ["EMAIL", "email"],
  ["KIND", "kind"],
  ["STATUS", "status"],
  ["ROLES", "roles"],
  ["TENANT", "tenant_id"],
];
const TIME_ZONE: Field = {
  flags: "--time-zone <zone>",
  describes: "such as Europe/Amsterdam",
  option: "timeZone",
  field: "time_zone",
};
const STATUS: Field = {
  flags: "--status <status>",
  describes: "active or suspended",
  option: "status",
  field: "status",
};
const PARTNER: Field = {
  flags: "--partner <id>",
  describes: "the partner, by id, slug or name; yours by default",
  option: "partner",
  field: "partner_id",
};
const BROKEN_STREAMS: Field = {
  flags: "--broken-streams <policy>",
  describes: "who pays for them: delivered, upstream or free_on_provider_fault",
  option: "brokenStreams",
  field: "broken_streams",
};
const LEVELS: readonly Resource[] = [
  {
    plural: "partners",
    path: "/v1/partners",
    singular: "partner",
    describes: "partners, which have tenants",
    columns: LEVEL,
    needs: [
      ["slug", "slug"],
      ["name", "display_name"],
    ],
    create: [TIME_ZONE, BROKEN_STREAMS],
    filter: [STATUS],
  },
  {
    plural: "tenants",
    path: "/v1/tenants",
    singular: "tenant",
    describes: "tenants, which have users",
    columns: [...LEVEL, ["PARTNER", "partner_id"]],
    needs: [
      ["slug", "slug"],
      ["name", "display_name"],
    ],
    create: [PARTNER, TIME_ZONE, BROKEN_STREAMS],
    filter: [PARTNER, STATUS],
  },
  {
    plural: "users",
    path: "/v1/users",
    singular: "user",
    describes: "people and services",
    columns: USER,
    needs: [["name", "display_name"]],
    create: [
      {
        flags: "--email <address>",
        describes: "a person's, to sign in with",
        option: "email",
        field: "email",
      },
      {
        flags: "--kind <kind>",
        describes: "human or service; human by default",
        option: "kind",
        field: "kind",
      },
      {
        flags: "--roles <roles...>",
        describes: "tenant_user by default",
        option: "roles",
        field: "roles",
      },
      TENANT,
    ],
    filter: [TENANT, STATUS],
  },
];

/** `scaigrid partners`, `tenants` and `users`. */
export function addLevels(root: Command, context: Context): void {
  for (const level of LEVELS) {
    const group = addResource(root, level, context);
    addStatus(group, level, "suspend", "suspended", context);
    addStatus(group, level, "resume", "active", context);
    addLimits(group, level, context);
    if (level.singular !== "user") addBrokenStreams(group, level, context);
  }
}

function addStatus(group: Command, level: Resource, verb: string, status: string, context: Context): void {
  const { api, output } = context;
  group
    .command(verb)
    .description(
      status === "suspended" ? "refuse their calls, and cut what is in flight" : "let them call again",
    )
    .argument("<id>", `the ${level.singular}'s id`)
    .option("--json", "print the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const gateway = api();
      const path = await pathTo(level, id, gateway);
      const item: Item = await gateway.call("PATCH", path, anyItem, { status });
      output.data(json === true ? JSON.stringify(item) : `${id} is ${status}`);
    });
}
