import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { grantView, viewGrant } from "./grant-view.ts";
import { seenGrant } from "./seen-grant.ts";

export const getBackendGrant = adminEndpoint({
  method: "GET",
  path: "/v1/backend-grants/{grant_id}",
  access: "models:manage",
  tag: "Backends",
  operationId: "getBackendGrant",
  summary: "One grant of a backend",
  costBearing: false,
  version: { except: ["in_force", "status"] },
  params: z.strictObject({ grant_id: z.string() }),
  response: grantView,
  async handle({ principal, params }, deps) {
    return { kind: "data", data: viewGrant(await seenGrant(params.grant_id, principal, deps), deps) };
  },
});
