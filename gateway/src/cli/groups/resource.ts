import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { anyItem, type Column, fieldsOf, type JsonOption, printItems } from "../listing.ts";

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
  describes: "the tenant; yours by default",
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

/** The address of one of them. */
export function pathTo({ path }: Pick<Resource, "path">, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

function withFields(command: Command, fields: readonly Field[]): Command {
  for (const { flags, describes } of fields) command.option(flags, describes);
  return command.option("--json", "print the answer as JSON");
}

function given(options: object, fields: readonly Field[]): Readonly<Record<string, unknown>> {
  return fieldsOf({ ...options }, Object.fromEntries(fields.map(({ option, field }) => [option, field])));
}

function addList(group: Command, resource: Resource, { api, output }: Context): void {
  withFields(
    group.command("list").description(`print the ${resource.plural} you administer`),
    resource.filter,
  ).action(async (options: JsonOption) => {
    const items = await api().list(resource.path, anyItem, given(options, resource.filter));
    printItems(items, resource.columns, options, output);
  });
}

function addCreate(group: Command, resource: Resource, { api, output }: Context): void {
  const command = group.command("create").description(`make a ${resource.singular} and print its id`);
  for (const [argument] of resource.needs) command.argument(`<${argument}>`);
  const names = Object.fromEntries([
    ...resource.needs.map(([argument, field]) => [field, `<${argument}>`]),
    ...resource.create.map(({ flags, field }) => [field, flags.split(" ")[0] ?? flags]),
  ]);
  withFields(command, resource.create).action(async () => {
    const options = command.opts<JsonOption>();
    // Commander hands over several as one list among the others.
    const asked: readonly unknown[] = command.processedArgs;
    const needed = resource.needs.map(([, field], n) => [field, asked[n]]);
    const body = { ...Object.fromEntries(needed), ...given(options, resource.create) };
    const item = await api().call("POST", resource.path, made, body, names);
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
      await api().call("DELETE", pathTo(resource, id), z.unknown());
      output.data(`${id} is deleted`);
    });
}
