import type { z } from "zod";
import { type AuditAction, type Endpoint, endpoint, type Method } from "../core/endpoint.ts";
import type { ErrorCode } from "../errors.ts";
import type { AdminDeps } from "./deps.ts";

/** What reads leaves no entry in the audit log; whatever else may change something says what it is called there. */
type Audited =
  { readonly method: "GET" } | { readonly method: Exclude<Method, "GET">; readonly auditAction: AuditAction };

/** Keeps the schemas' types while writing a management endpoint as one literal. */
export function adminEndpoint<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Data extends z.ZodType,
>(
  spec: Omit<Endpoint<AdminDeps, Params, Query, Body, Data>, "kind" | "method" | "auditAction"> &
    Audited & {
      readonly errors?: readonly ErrorCode[];
    },
): Endpoint<AdminDeps, Params, Query, Body, Data> {
  return endpoint(spec);
}
