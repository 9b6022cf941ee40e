import { z } from "zod";
import { beyond } from "../../access/grants.ts";
import { permissionsOf } from "../../access/roles.ts";
import { ROLES } from "../../core/permissions.ts";
import { adminEndpoint } from "../endpoint.ts";

const roleView = z
  .strictObject({
    name: z.string(),
    permissions: z.array(z.string()),
    grantable: z.boolean().describe("Whether you may grant it: you hold all of it."),
  })
  .meta({ id: "Role" });

export const listRoles = adminEndpoint({
  method: "GET",
  path: "/v1/iam/roles",
  access: "users:manage",
  tag: "Roles",
  summary: "The built-in roles, what they allow, and which of them you may grant",
  costBearing: false,
  response: roleView,
  list: true,
  async handle({ principal }) {
    const items = ROLES.map((name) => {
      const permissions = permissionsOf([name]);
      return {
        name,
        permissions: [...permissions].sort(),
        grantable: beyond(principal.permissions, permissions) === undefined,
      };
    });
    return { kind: "page", page: { items } };
  },
});
