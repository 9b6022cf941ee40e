import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { administeredUser } from "./administered.ts";
import { userView, viewUser } from "./user-view.ts";

export const getUser = adminEndpoint({
  method: "GET",
  path: "/v1/users/{user_id}",
  access: "users:manage",
  tag: "Users",
  summary: "One user",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ user_id: z.string() }),
  response: userView,
  async handle({ principal, params }, deps) {
    return { kind: "data", data: viewUser(await administeredUser(params.user_id, principal, deps), deps) };
  },
});
