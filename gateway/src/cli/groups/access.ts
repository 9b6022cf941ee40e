import type { Command } from "commander";
import { z } from "zod";
import type { Context } from "../context.ts";
import { findId } from "../found.ts";
import type { Column } from "../listing.ts";
import { addResource, type Field, pathTo, type Resource, TENANT } from "./resource.ts";

const DESCRIPTION: Field = {
  flags: "--description <text>",
  describes: "what it is for",
  option: "description",
  field: "description",
};
const ID: Column = ["ID", "id"];
const OF_TENANT: Column = ["TENANT", "tenant_id"];

const GROUPS: Resource = {
  plural: "groups",
  singular: "group",
  describes: "users of one tenant together",
  path: "/v1/groups",
  columns: [ID, ["NAME", "name"], ["MEMBERS", "member_count"], ["SOURCE", "source"], OF_TENANT],
  needs: [["name", "name"]],
  create: [DESCRIPTION, TENANT],
  filter: [TENANT],
};

const OTHERS: readonly Resource[] = [
  {
    plural: "roles",
    singular: "role",
    describes: "roles of a tenant's own, beside the built-in ones",
    path: "/v1/iam/custom-roles",
    columns: [ID, ["SLUG", "slug"], ["NAME", "name"], ["PERMISSIONS", "core_permissions"], OF_TENANT],
    needs: [
      ["slug", "slug"],
      ["name", "name"],
      ["permissions...", "core_permissions"],
    ],
    create: [DESCRIPTION, TENANT],
    filter: [TENANT],
  },
  {
    plural: "role-mappings",
    singular: "role mapping",
    describes: "roles that come with the membership in a group",
    path: "/v1/role-mappings",
    columns: [
      ID,
      ["GROUP", "group_id"],
      ["ROLE", ({ role, custom_role_id: custom }) => String(role ?? custom)],
      OF_TENANT,
    ],
    needs: [["group", "group_id"]],
    create: [
      { flags: "--role <role>", describes: "a built-in role", option: "role", field: "role" },
      {
        flags: "--custom-role <id>",
        describes: "a role of the tenant's own",
        option: "customRole",
        field: "custom_role_id",
      },
    ],
    filter: [],
  },
  {
    plural: "access",
    singular: "access rule",
    describes: "who may, and who may not, use which model",
    path: "/v1/model-access",
    columns: [
      ID,
      ["FOR", "subject_type"],
      ["WHO", ({ subject_name: name, subject_id: id }) => String(name ?? id)],
      ["EFFECT", "effect"],
      ["MODELS", ({ model, model_group_name: group }) => String(model ?? group)],
    ],
    needs: [
      ["effect", "effect"],
      ["subject", "subject_type"],
    ],
    create: [
      {
        flags: "--id <id>",
        describes: "of the group, user or key, or its name; not needed for a tenant",
        option: "id",
        field: "subject_id",
      },
      { flags: "--model <slug>", describes: "a slug, or vendor/*", option: "model", field: "model" },
      {
        flags: "--model-group <id>",
        describes: "models named together",
        option: "modelGroup",
        field: "model_group_id",
      },
      TENANT,
    ],
    filter: [TENANT],
  },
  {
    plural: "model-groups",
    singular: "model group",
    describes: "models named together, for access rules",
    path: "/v1/model-groups",
    columns: [ID, ["NAME", "name"], ["MODELS", "models"], OF_TENANT],
    needs: [
      ["name", "name"],
      ["models...", "models"],
    ],
    create: [DESCRIPTION, TENANT],
    filter: [TENANT],
  },
  {
    plural: "grants",
    singular: "grant",
    describes: "backends that partners and tenants may route models of their own over",
    path: "/v1/backend-grants",
    columns: [
      ID,
      ["BACKEND", "backend_uri"],
      ["PARTNER", "partner_id"],
      OF_TENANT,
      ["BY", "granted_by"],
      ["IN FORCE", "in_force"],
    ],
    needs: [["backend", "backend_id"]],
    create: [
      { flags: "--partner <id>", describes: "to a partner", option: "partner", field: "partner_id" },
      { flags: "--tenant <id>", describes: "or to a tenant", option: "tenant", field: "tenant_id" },
    ],
    filter: [],
  },
];

/** `scaigrid groups`, `roles`, `role-mappings`, `access`, `model-groups` and `grants`. */
export function addAccess(root: Command, context: Context): void {
  const groups = addResource(root, GROUPS, context);
  addMembership(groups, "add", "PUT", "put a user into a group, and give them its roles", context);
  addMembership(groups, "remove", "DELETE", "take a user out of a group", context);
  for (const resource of OTHERS) addResource(root, resource, context);
}

function addMembership(
  groups: Command,
  verb: string,
  method: "PUT" | "DELETE",
  describes: string,
  { api, output }: Context,
): void {
  groups
    .command(verb)
    .description(describes)
    .argument("<group>", "the group, by id or name")
    .argument("<user>", "the user, by id, e-mail address or name")
    .action(async (group: string, user: string) => {
      const gateway = api();
      const id = await findId(gateway, "user", user, "<user>");
      const path = `${await pathTo(GROUPS, group, gateway)}/members/${encodeURIComponent(id)}`;
      await gateway.call(method, path, z.unknown());
      output.data(`${user} is ${verb === "add" ? "in" : "no longer in"} ${group}`);
    });
}
