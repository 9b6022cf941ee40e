import type { Command } from "commander";
import { z } from "zod";
import type { Api } from "../api.ts";
import type { Context } from "../context.ts";
import { findId, withIds } from "../found.ts";
import { anyItem, type Column, fieldsOf, inQuery, type JsonOption, printItems } from "../listing.ts";

const made = z.looseObject({ id: z.string(), invitation: z.looseObject({ link: z.string() }).optional() });

/** An option of `create`, or of `list`, and the field it fills. */
export interface Field {
  readonly flags: string;
  readonly describes: string;
  readonly option: string;
  readonly field: string;
}

/** A kind of thing that is listed, made and deleted by commands that are alike. */
export interface Resource {
  /** The word of the command line for several. */
  readonly plural: string;
  readonly singular: string;
  readonly describes: string;
  /** `/v1/tenants`. */
  readonly path: string;
  readonly columns: readonly Column[];
  /** What `create` needs, in the order it is given; the last one may be several. */
  readonly needs: readonly (readonly [argument: string, field: string])[];
  readonly create: readonly Field[];
  readonly filter: readonly Field[];
}

export const TENANT: Field = {
  flags: "--tenant <id>",
  describes: "the tenant, by id, slug or name; yours by default",
  option: "tenant",
  field: "tenant_id",
};

/** `scaigrid <plural> list | create | delete`; gives the group for what is the resource's own. */
export function addResource(root: Command, resource: Resource, context: Context): Command {
  const group = root.command(resource.plural).description(resource.describes);
  addList(group, resource, context);
  addCreate(group, resource, context);
  addDelete(group, resource, context);
  return group;
}

/** The address of the one with this id, or with this slug or name where there are such. Throws CommandError for none. */
export async function pathTo(
  { path, singular }: Pick<Resource, "path" | "singular">,
  text: string,
  api: Api,
): Promise<string> {
  return `${path}/${encodeURIComponent(await findId(api, singular, text, "<id>"))}`;
}

function withFields(command: Command, fields: readonly Field[]): Command {
  for (const { flags, describes } of fields) command.option(flags, describes);
  return command.option("--json", "print the answer as JSON");
}

function given(options: object, fields: readonly Field[]): Readonly<Record<string, unknown>> {
  return fieldsOf({ ...options }, Object.fromEntries(fields.map(({ option, field }) => [option, field])));
}

/** The flags as they are typed, by the fields they fill. */
function flagsFor(fields: readonly Field[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.map(({ flags, field }) => [field, flags.split(" ")[0] ?? flags]));
}

function addList(group: Command, resource: Resource, { api, output }: Context): void {
  withFields(
    group.command("list").description(`print the ${resource.plural} you administer`),
    resource.filter,
  ).action(async (options: JsonOption) => {
    const gateway = api();
    const flags = flagsFor(resource.filter);
    const query = await withIds(gateway, given(options, resource.filter), flags);
    const items = await gateway.list(resource.path, anyItem, query, inQuery(flags));
    printItems(items, resource.columns, options, output);
  });
}

function addCreate(group: Command, resource: Resource, { api, output }: Context): void {
  const command = group.command("create").description(`make a ${resource.singular} and print its id`);
  for (const [argument] of resource.needs) command.argument(`<${argument}>`);
  const names = Object.fromEntries([
    ...resource.needs.map(([argument, field]) => [field, `<${argument}>`]),
    ...Object.entries(flagsFor(resource.create)),
  ]);
  withFields(command, resource.create).action(async () => {
    const options = command.opts<JsonOption>();
    // Commander hands over several as one list among the others.
    const asked: readonly unknown[] = command.processedArgs;
    const needed = resource.needs.map(([, field], n) => [field, asked[n]]);
    const gateway = api();
    const fields = { ...Object.fromEntries(needed), ...given(options, resource.create) };
    const body = await withIds(gateway, fields, names);
    const item = await gateway.call("POST", resource.path, made, body, names);
    output.data(options.json === true ? JSON.stringify(item) : item.id);
    if (item.invitation)
      output.note(`Send this link, with which they set their password: ${item.invitation.link}`);
  });
}

function addDelete(group: Command, resource: Resource, { api, output }: Context): void {
  group
    .command("delete")
    .description(`delete a ${resource.singular} that nothing needs any more`)
    .argument("<id>", `the ${resource.singular}'s id`)
    .action(async (id: string) => {
      const gateway = api();
      await gateway.call("DELETE", await pathTo(resource, id, gateway), z.unknown());
      output.data(`${id} is deleted`);
    });
}
