import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { anyItem, type Column, fieldsOf, type Item, type JsonOption, printItems } from "../listing.ts";

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
const made = z.looseObject({ id: z.string(), invitation: z.looseObject({ link: z.string() }).optional() });

/** An option of `create`, or of `list`, and the field it fills. */
interface Field {
  readonly flags: string;
  readonly describes: string;
  readonly option: string;
  readonly field: string;
}

interface Level {
  /** `tenants`; its path, and with it the word for several. */
  readonly plural: string;
  readonly singular: string;
  readonly describes: string;
  readonly columns: readonly Column[];
  /** What `create` needs, in the order it is given. */
  readonly needs: readonly (readonly [argument: string, field: string])[];
  readonly create: readonly Field[];
  readonly filter: readonly Field[];
}

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
  describes: "the partner; yours by default",
  option: "partner",
  field: "partner_id",
};
const TENANT: Field = {
  flags: "--tenant <id>",
  describes: "the tenant; yours by default",
  option: "tenant",
  field: "tenant_id",
};

const LEVELS: readonly Level[] = [
  {
    plural: "partners",
    singular: "partner",
    describes: "partners, which have tenants",
    columns: LEVEL,
    needs: [
      ["slug", "slug"],
      ["name", "display_name"],
    ],
    create: [TIME_ZONE],
    filter: [STATUS],
  },
  {
    plural: "tenants",
    singular: "tenant",
    describes: "tenants, which have users",
    columns: [...LEVEL, ["PARTNER", "partner_id"]],
    needs: [
      ["slug", "slug"],
      ["name", "display_name"],
    ],
    create: [PARTNER, TIME_ZONE],
    filter: [PARTNER, STATUS],
  },
  {
    plural: "users",
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
    const group = root.command(level.plural).description(level.describes);
    addList(group, level, context);
    addCreate(group, level, context);
    addStatus(group, level, "suspend", "suspended", context);
    addStatus(group, level, "resume", "active", context);
    addDelete(group, level, context);
  }
}

function withFields(command: Command, fields: readonly Field[]): Command {
  for (const { flags, describes } of fields) command.option(flags, describes);
  return command.option("--json", "print the answer as JSON");
}

function given(options: object, fields: readonly Field[]): Readonly<Record<string, unknown>> {
  return fieldsOf({ ...options }, Object.fromEntries(fields.map(({ option, field }) => [option, field])));
}

function addList(group: Command, level: Level, { api, output }: Context): void {
  withFields(
    group.command("list").description(`print the ${level.plural} you administer`),
    level.filter,
  ).action(async (options: JsonOption) => {
    const items = await api().list(`/v1/${level.plural}`, anyItem, given(options, level.filter));
    printItems(items, level.columns, options, output);
  });
}

function addCreate(group: Command, level: Level, { api, output }: Context): void {
  const command = group.command("create").description(`make a ${level.singular} and print its id`);
  for (const [argument] of level.needs) command.argument(`<${argument}>`);
  const names = Object.fromEntries([
    ...level.needs.map(([argument, field]) => [field, `<${argument}>`]),
    ...level.create.map(({ flags, field }) => [field, flags.split(" ")[0] ?? flags]),
  ]);
  withFields(command, level.create).action(async () => {
    const options = command.opts<JsonOption>();
    const needed = level.needs.map(([, field], n) => [field, command.args[n]]);
    const body = { ...Object.fromEntries(needed), ...given(options, level.create) };
    const item = await api().call("POST", `/v1/${level.plural}`, made, body, names);
    output.data(options.json === true ? JSON.stringify(item) : item.id);
    if (item.invitation)
      output.note(`Send this link, with which they set their password: ${item.invitation.link}`);
  });
}

function addStatus(group: Command, level: Level, verb: string, status: string, context: Context): void {
  const { api, output } = context;
  group
    .command(verb)
    .description(
      status === "suspended" ? "refuse their calls, and cut what is in flight" : "let them call again",
    )
    .argument("<id>", `the ${level.singular}'s id`)
    .option("--json", "print the answer as JSON")
    .action(async (id: string, { json }: JsonOption) => {
      const path = `/v1/${level.plural}/${encodeURIComponent(id)}`;
      const item: Item = await api().call("PATCH", path, anyItem, { status });
      output.data(json === true ? JSON.stringify(item) : `${id} is ${status}`);
    });
}

function addDelete(group: Command, level: Level, { api, output }: Context): void {
  group
    .command("delete")
    .description(`delete a ${level.singular} that nothing needs any more; its usage stays`)
    .argument("<id>", `the ${level.singular}'s id`)
    .action(async (id: string) => {
      await api().call("DELETE", `/v1/${level.plural}/${encodeURIComponent(id)}`, z.unknown());
      output.data(`${id} is deleted`);
    });
}
