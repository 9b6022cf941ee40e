import { z } from "zod";
import type { Config } from "../config/config.ts";
import { START } from "./called-as.ts";
import { readOperatorFile } from "./operator-file.ts";
import { CommandError } from "./output.ts";

const WAIT_MS = 30_000;

const answer = z.union([
  z.object({ status: z.literal("ok"), data: z.unknown() }),
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

  /** Sends one call and gives back `data`. Throws CommandError with what the gateway said. */
  async call<Schema extends z.ZodType>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    schema: Schema,
    body?: object,
  ): Promise<z.output<Schema>> {
    const parsed = answer.safeParse(await this.#json(method, path, body));
    if (!parsed.success)
      throw new CommandError(`${this.#url} did not answer as a ScaiGrid does: check the address`);
    if (parsed.data.status === "ok") return schema.parse(parsed.data.data);
    const { code, message, hint, details = [] } = parsed.data.error;
    const fields = details.map((detail) => `\n  ${detail.field}: ${detail.message}`).join("");
    throw new CommandError(`${code}: ${message}${fields}${hint === undefined ? "" : `\n${hint}`}`);
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
 * The gateway a command talks to: the one the environment names, else the one that runs on this data folder.
 * Throws CommandError when there is neither.
 */
export function connect(config: Config): Api {
  const local = readOperatorFile(config.dataDir);
  const url = config.baseUrl ?? local?.url;
  // The key of this machine's own gateway is no use to another, and none of its business.
  const key = config.apiKey ?? (config.baseUrl === undefined ? local?.key : undefined);
  if (url !== undefined && key !== undefined) return new Api(url, key);
  throw new CommandError(
    config.baseUrl === undefined
      ? `no gateway runs on ${config.dataDir}: start it with \`${START}\`, or set SCAIGRID_BASE_URL and SCAIGRID_API_KEY`
      : "SCAIGRID_BASE_URL is set, SCAIGRID_API_KEY is not: set it to a key of an administrator there",
  );
}
