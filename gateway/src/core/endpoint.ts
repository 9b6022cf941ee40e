import type { z } from "zod";
import type { Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An address prefix, or a host, where callers speak one dialect. */
export const DOOR_NAMES = ["native", "openai", "anthropic"] as const;
export type DoorName = (typeof DOOR_NAMES)[number];

/** Who may call: everyone, anyone with a valid key, or holders of a permission, or of one of several. */
export type Access = "public" | "signed_in" | Permission | readonly Permission[];

/** The permissions of which a caller must hold one; none for what is open or needs a key alone. */
export function permissionsNeeded(access: Access): readonly Permission[] {
  if (access === "public" || access === "signed_in") return [];
  return typeof access === "string" ? [access] : access;
}

/** What an endpoint needs, in words; undefined where no permission is needed. */
export function permissionsInWords(access: Access): string | undefined {
  const needed = permissionsNeeded(access).map((permission) => `\`${permission}\``);
  return needed.length === 0 ? undefined : `the permission ${needed.join(" or ")}`;
}

/** `kind.verb`, as the audit log names what was asked for: `api_key.create`. */
export type AuditAction = `${string}.${string}`;

/** What a management handler is given: everything parsed, nothing of HTTP left but what it may need. */
export interface CallContext<Params, Query, Body> {
  readonly requestId: string;
  readonly principal: Principal;
  readonly headers: Headers;
  /** The caller's address, as the connection tells it. */
  readonly address: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** What a handler gives back, to be put into the envelope. */
export type Reply<Data> =
  | {
      readonly kind: "data";
      readonly data: Data;
      readonly status?: 200 | 201;
      readonly meta?: object;
      /** Beside those of the envelope: cookies. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "page"; readonly page: Page<unknown>; readonly meta?: object }
  | {
      /** A file, of any size; errors after its beginning break the connection off. */
      readonly kind: "stream";
      readonly contentType: string;
      readonly filename: string;
      readonly body: ReadableStream<Uint8Array>;
    };

export interface EndpointDocs {
  readonly method: Method;
  /** `{name}` is one segment; `{name...}` is the rest of the path, slashes included. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly tag: string;
  /** The door it is behind; `native` when absent. */
  readonly door?: DoorName;
  /** Whether a call can cost money: those pass the inference pipeline, and a test proves it. */
  readonly costBearing: boolean;
  /** The operation's name in generated clients, where method and path do not make a good one. */
  readonly operationId?: string;
  /** Error codes beyond those that every endpoint of its kind and access can answer with. */
  readonly errors?: readonly string[];
  /**
   * `kind.verb` of the audit entry that each call leaves: `api_key.create`. Every mutating management endpoint names
   * one; what of that kind its handler commits is what the entry is about.
   */
  readonly auditAction?: AuditAction;
  /** What the answer can be beside JSON. */
  readonly alsoContentTypes?: readonly string[];
}

/** A management endpoint. Its schemas are the contract: the harness checks every answer of every test against them. */
export interface Endpoint<
  Deps,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Data extends z.ZodType = z.ZodType,
> extends EndpointDocs {
  readonly kind: "management";
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Of `data`, or of one item of `data.items` when `list` is true. */
  readonly response: Data;
  readonly list?: boolean;
  /**
   * Of a GET: its answer has a version, told as `ETag`. `except` are fields that change by themselves, such as
   * counts, and make no new version.
   */
  readonly version?: { readonly except: readonly string[] };
  /** Of a change: the GET that reads what is changed. `If-Match` with a version that is no longer its own is 409. */
  readonly changes?: Endpoint<Deps>;
  handle(
    call: CallContext<z.output<Params>, z.output<Query>, z.output<Body>>,
    deps: Deps,
  ): Promise<Reply<z.input<Data>>>;
}

/** An endpoint for callers nobody knows yet: sign-in. Everything else is as with a management endpoint. */
export interface PublicEndpoint<
  Deps,
  Body extends z.ZodType = z.ZodType,
  Data extends z.ZodType = z.ZodType,
> extends EndpointDocs {
  readonly kind: "public";
  readonly access: "public";
  readonly auditAction: AuditAction;
  readonly body: Body;
  readonly response: Data;
  handle(
    call: Omit<CallContext<unknown, unknown, z.output<Body>>, "principal">,
    deps: Deps,
  ): Promise<Reply<z.input<Data>>>;
}

/** Keeps the schemas' types while writing an endpoint as one literal. */
export function endpoint<
  Deps,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Data extends z.ZodType,
>(spec: Omit<Endpoint<Deps, Params, Query, Body, Data>, "kind">): Endpoint<Deps, Params, Query, Body, Data> {
  return { kind: "management", ...spec };
}
