import { ApiError, type ErrorDetail } from "../../errors.ts";
import type { Vendor } from "../../providers/catalogue.ts";
import { checkUrl } from "../../upstream/egress/guard.ts";
import type { AdminDeps } from "../deps.ts";
import { keyProblem } from "./provider-view.ts";

/** How a provider would be reached. */
export interface Connection {
  readonly baseUrl: string | undefined;
  readonly nodes: readonly string[] | undefined;
  /** The key as given now; undefined = none is given. */
  readonly apiKey: string | undefined;
  /** Whether it will have a key, given now or before. */
  readonly hasKey: boolean;
}

/** Refuses a provider whose every call would fail. Throws ApiError VALIDATION_ERROR by field. */
export function demandConnectable(
  vendor: Vendor,
  { baseUrl, nodes, apiKey, hasKey }: Connection,
  deps: { readonly config: Pick<AdminDeps["config"], "allowPrivateUpstreams"> } & Pick<
    AdminDeps,
    "readReference"
  >,
): void {
  const keyTrouble = hasKey ? keyProblem(apiKey, deps.readReference) : missingKey(vendor);
  const details = [
    ...problem("base_url", baseUrlProblem(vendor, baseUrl, deps.config.allowPrivateUpstreams)),
    ...nodesProblems(vendor, nodes, deps.config.allowPrivateUpstreams),
    ...problem("connection_config.api_key", keyTrouble),
  ];
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
}

/** An address as it is kept: paths are put behind it. */
export function withoutSlash(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "");
}

function problem(field: string, message: string | undefined): ErrorDetail[] {
  return message === undefined ? [] : [{ field, message }];
}

/** Without the key its vendor asks for, every call of a provider would fail, and only then. */
function missingKey(vendor: Vendor): string | undefined {
  const scheme = vendor.authScheme;
  if (scheme.kind === "none" || scheme.optional === true) return undefined;
  return `is needed for ${vendor.label}`;
}

function baseUrlProblem(
  vendor: Vendor,
  baseUrl: string | undefined,
  allowPrivate: boolean,
): string | undefined {
  // The vendor's own address is judged too: a server of one's own is at a private one.
  if (baseUrl === undefined) {
    if (vendor.needsBaseUrl) return `is needed for a provider of type ${vendor.type}`;
    return vendor.baseUrl === undefined ? undefined : checkUrl(vendor.baseUrl, { allowPrivate });
  }
  if (vendor.transport === "pool") return "is not used here: give the servers' addresses as nodes";
  return addressProblem(baseUrl, allowPrivate);
}

function addressProblem(url: string, allowPrivate: boolean): string | undefined {
  return /[?#]/.test(url) ? "must end with a path: no query, no fragment" : checkUrl(url, { allowPrivate });
}

function nodesProblems(
  vendor: Vendor,
  nodes: readonly string[] | undefined,
  allowPrivate: boolean,
): ErrorDetail[] {
  if (vendor.transport !== "pool") {
    return problem("nodes", nodes && `go with type scaiinfer alone: give one address as base_url`);
  }
  if (nodes === undefined) return problem("nodes", "are needed: the base URL of each server of the pool");
  return nodes.flatMap((url, at) =>
    problem(`nodes[${at}]`, nodeProblem(url, nodes.slice(0, at), allowPrivate)),
  );
}

function nodeProblem(url: string, before: readonly string[], allowPrivate: boolean): string | undefined {
  if (before.some((other) => withoutSlash(other) === withoutSlash(url))) return "is listed twice";
  return addressProblem(url, allowPrivate);
}
