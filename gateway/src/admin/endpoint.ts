import type { z } from "zod";
import { type Endpoint, endpoint } from "../core/endpoint.ts";
import type { ErrorCode } from "../errors.ts";
import type { AdminDeps } from "./deps.ts";

/** Keeps the schemas' types while writing a management endpoint as one literal. */
export function adminEndpoint<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Data extends z.ZodType,
>(
  spec: Omit<Endpoint<AdminDeps, Params, Query, Body, Data>, "kind"> & {
    readonly errors?: readonly ErrorCode[];
  },
): Endpoint<AdminDeps, Params, Query, Body, Data> {
  return endpoint(spec);
}
