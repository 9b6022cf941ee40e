import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { adminEndpoint } from "../endpoint.ts";
import { backendView, viewBackend } from "./backend-view.ts";

export const getBackend = adminEndpoint({
  method: "GET",
  path: "/v1/backends/{backend_id}",
  access: "platform:manage",
  tag: "Backends",
  errors: ["BACKEND_NOT_FOUND"],
  summary: "One backend",
  costBearing: false,
  version: { except: ["health"] },
  params: z.strictObject({ backend_id: z.string() }),
  response: backendView,
  async handle({ params }, deps) {
    const backend = deps.snapshot.backendById(params.backend_id);
    if (!backend) throw new ApiError("BACKEND_NOT_FOUND");
    return { kind: "data", data: viewBackend(backend, deps) };
  },
});
