import { ApiError, type ErrorDetail } from "../../errors.ts";
import type { Provider } from "../../core/catalogue.ts";
import { type Vendor, vendorOf } from "../../providers/catalogue.ts";
import { checkUrl } from "../../upstream/egress/guard.ts";
import type { AdminDeps } from "../deps.ts";
import { type ConnectionConfig, connectionIssues } from "./connection-config.ts";

/** How a provider would be reached. */
export interface Connection {
  readonly baseUrl: string | undefined;
  readonly nodes: readonly string[] | undefined;
  /** The credential as given now; undefined = none is given. */
  readonly config: ConnectionConfig | undefined;
  /** Whether it will have one, given now or before. */
  readonly hasKey: boolean;
}

/** Refuses a provider whose every call would fail. Throws ApiError VALIDATION_ERROR by field. */
export function demandConnectable(
  vendor: Vendor,
  { baseUrl, nodes, config, hasKey }: Connection,
  deps: { readonly config: Pick<AdminDeps["config"], "allowPrivateUpstreams"> } & Pick<
    AdminDeps,
    "readReference"
  >,
): void {
  const allowPrivate = deps.config.allowPrivateUpstreams;
  const details = [
    ...problem("base_url", baseUrlProblem(vendor, baseUrl, allowPrivate)),
    ...nodesProblems(vendor, nodes, allowPrivate),
    ...(config === undefined
      ? problem("connection_config.api_key", hasKey ? undefined : missingKey(vendor))
      : connectionIssues(config, { vendor, baseUrl, allowPrivate, read: deps.readReference })),
  ];
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Refuses an address at which this gateway itself listens: its calls would go round in circles. vLLM's usual port is the
 * gateway's as well. Throws ApiError VALIDATION_ERROR.
 */
export function demandElsewhere(
  vendor: Vendor,
  baseUrl: string | undefined,
  { place }: Pick<AdminDeps, "place">,
): void {
  const url = URL.parse(baseUrl ?? vendor.baseUrl ?? "");
  if (!url || !LOOPBACK.test(url.hostname)) return;
  if (Number(url.port) !== place.port()) return;
  const message = `leads to this gateway itself, which listens on port ${url.port}: start ${vendor.label} on another port and give its address here`;
  throw new ApiError("VALIDATION_ERROR", undefined, { details: [{ field: "base_url", message }] });
}

/** Refuses a credential of a backend's own that its provider does not take. Throws ApiError VALIDATION_ERROR. */
export function demandUsable(
  config: ConnectionConfig | null | undefined,
  provider: Pick<Provider, "type" | "preset" | "baseUrl"> | undefined,
  deps: { readonly config: Pick<AdminDeps["config"], "allowPrivateUpstreams"> } & Pick<
    AdminDeps,
    "readReference"
  >,
): void {
  const vendor = provider && vendorOf(provider);
  if (config === null || config === undefined || vendor === undefined) return;
  const details = connectionIssues(config, {
    vendor,
    baseUrl: provider?.baseUrl,
    allowPrivate: deps.config.allowPrivateUpstreams,
    read: deps.readReference,
  });
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
    const such = vendor.addressPattern === undefined ? "" : `, such as ${vendor.addressPattern}`;
    if (vendor.needsBaseUrl) return `is needed for a provider of type ${vendor.type}${such}`;
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
