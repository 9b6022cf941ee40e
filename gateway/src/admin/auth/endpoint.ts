import type { z } from "zod";
import type { PublicEndpoint } from "../../core/endpoint.ts";
import type { ErrorCode } from "../../errors.ts";
import type { PublicDeps } from "../deps.ts";

/** Keeps the schemas' types while writing a sign-in endpoint as one literal. */
export function publicEndpoint<Body extends z.ZodType, Data extends z.ZodType>(
  spec: Omit<PublicEndpoint<PublicDeps, Body, Data>, "kind" | "access" | "costBearing"> & {
    readonly errors?: readonly ErrorCode[];
  },
): PublicEndpoint<PublicDeps, Body, Data> {
  return { kind: "public", access: "public", costBearing: false, ...spec };
}
