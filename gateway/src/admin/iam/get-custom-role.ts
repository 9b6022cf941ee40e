import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { administeredRole } from "./administered-role.ts";
import { customRoleView, viewCustomRole } from "./custom-role-view.ts";

export const getCustomRole = adminEndpoint({
  method: "GET",
  path: "/v1/iam/custom-roles/{role_id}",
  access: "users:manage",
  tag: "Roles",
  summary: "One custom role",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ role_id: z.string() }),
  response: customRoleView,
  async handle({ principal, params }, deps) {
    return { kind: "data", data: viewCustomRole(await administeredRole(params.role_id, principal, deps)) };
  },
});
