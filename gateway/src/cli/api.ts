import { z } from "zod";
import type { Config } from "../config/config.ts";
import { asTyped, fieldAsTyped } from "./as-typed.ts";
import { START } from "./called-as.ts";
import { readLogin } from "./login-file.ts";
import { readOperatorFile } from "./operator-file.ts";
import { CommandError } from "./output.ts";

const WAIT_MS = 30_000;

/** Names of fields as the person who typed a command knows them: `base_url` is `--url`. */
export type NamesOfFields = Readonly<Record<string, string>>;

/** What narrows a list. */
export type Query = Readonly<Record<string, unknown>>;

function queryText(query: Query): string {
  const texts = Object.entries(query).map(([name, value]) => [name, String(value)] as const);
  return new URLSearchParams(Object.fromEntries(texts)).toString();
}

const PAGE_ITEMS = 1_000;
/** More pages than this is no list that a command should read. */
const PAGES_MAX = 1_000;

const answer = z.union([
  z.object({
    status: z.literal("ok"),
    data: z.unknown(),
    pagination: z.object({ next_cursor: z.string().nullable() }).optional(),
  }),
  z.object({
    status: z.literal("error"),
    error: z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string().optional(),
      details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    }),
  }),
]);

/** The management API of one gateway, as commands use it. */
export class Api {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /** Where it is, as callers reach it. */
  get url(): string {
    return this.#url;
  }

  /** Sends one call and gives back `data`. Throws CommandError with what the gateway said. */
  async call<Schema extends z.ZodType>(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    schema: Schema,
    body?: object,
    names: NamesOfFields = {},
  ): Promise<z.output<Schema>> {
    return schema.parse((await this.#ask(method, path, body, names)).data);
  }

  /** What a query answers. Throws CommandError with what the gateway said. */
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    query: Query,
    names: NamesOfFields = {},
  ): Promise<z.output<Schema>> {
    return this.call("GET", `${path}?${queryText(query)}`, schema, undefined, names);
  }

  /** The first page of a list. Throws CommandError with what the gateway said. */
  async page<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    query: Query,
    names: NamesOfFields = {},
  ): Promise<z.output<Schema>[]> {
    const { items } = await this.get(path, z.object({ items: z.array(schema) }), query, names);
    return items;
  }

  /** All items of a list, page after page. Throws CommandError with what the gateway said. */
  async list<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    query: Query = {},
    names: NamesOfFields = {},
  ): Promise<z.output<Schema>[]> {
    const page = z.object({ items: z.array(schema) });
    const items: z.output<Schema>[] = [];
    let cursor = "";
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const { data, pagination } = await this.#ask(
        "GET",
        `${path}?${queryText({ ...query, limit: PAGE_ITEMS })}${cursor}`,
        undefined,
        names,
      );
      items.push(...page.parse(data).items);
      const next = pagination?.next_cursor ?? null;
      if (next === null) return items;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
    throw new CommandError(
      `${path} has more than ${PAGES_MAX * PAGE_ITEMS} entries: use the API, page by page`,
    );
  }

  async #ask(method: string, path: string, body: object | undefined, names: NamesOfFields) {
    const parsed = answer.safeParse(await this.#json(method, path, body));
    if (!parsed.success)
      throw new CommandError(`${this.#url} did not answer as a ScaiGrid does: check the address`);
    if (parsed.data.status === "ok") return parsed.data;
    const { code, message, hint, details = [] } = parsed.data.error;
    const fields = details
      .map((detail) => `\n  ${fieldAsTyped(detail.field, names)}: ${asTyped(detail.message, names)}`)
      .join("");
    // What is wrong with each field stands above; the hint would only send the reader there.
    const advice =
      hint === undefined || (code === "VALIDATION_ERROR" && fields !== "") ? "" : `\n${asTyped(hint, names)}`;
    throw new CommandError(`${code}: ${message}${fields}${advice}`);
  }

  async #json(method: string, path: string, body: object | undefined): Promise<unknown> {
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(WAIT_MS),
        headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return await response.json();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        `no answer from ${this.#url} (${reason}): is the gateway running? \`${START}\` starts it`,
      );
    }
  }
}

/**
 * The gateway a command talks to: the one on this data folder, with the access its process left there, unless the
 * environment names another; else the one that `scaigrid login` has remembered. Throws CommandError when there is neither.
 */
export function connect(config: Config): Api {
  const local = readOperatorFile(config.dataDir);
  // The shell may well hold an application's address and key, which may not administer: they are this gateway's
  // own, so whoever can read its folder needs neither.
  if (local && (config.baseUrl === undefined || isSame(config.baseUrl, local.url))) {
    return new Api(local.url, local.key);
  }
  const login = readLogin();
  if (login && config.apiKey === undefined && (config.baseUrl ?? login.url) === login.url) {
    return new Api(login.url, login.key);
  }
  // The key of this machine's own gateway is no use to another, and none of its business.
  if (config.baseUrl !== undefined && config.apiKey !== undefined) {
    return new Api(config.baseUrl, config.apiKey);
  }
  throw new CommandError(
    config.baseUrl === undefined
      ? `no gateway runs on ${config.dataDir}: start it with \`${START}\`. For one whose data is in another folder, ` +
          "set SCAIGRID_DATA_DIR; for one elsewhere, `scaigrid login`, or SCAIGRID_BASE_URL and SCAIGRID_API_KEY"
      : "SCAIGRID_BASE_URL is set, SCAIGRID_API_KEY is not: set it to a key of an administrator there",
  );
}

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Whether two addresses lead to the same port of this machine. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  if (a === null || b === null) return false;
  return a.origin === b.origin || (a.port === b.port && [a, b].every((url) => isLoopback(url)));
}

function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && LOOPBACK.includes(url.hostname);
}
