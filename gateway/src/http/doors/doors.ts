import type { DoorName } from "../../core/endpoint.ts";
import { segmentsOf } from "../router.ts";
import type { HttpDoor } from "./http-door.ts";

/** Where the OpenAI door is on every host. */
const OPENAI_PREFIX = "/oai";

/** What it has below the `/v1` of every host too. */
const OPENAI_AT_V1: ReadonlySet<string> = new Set(["chat/completions", "completions", "responses"]);

export interface DoorsInit {
  readonly native: HttpDoor;
  readonly openai: HttpDoor;
  readonly anthropic: HttpDoor;
  /** The host whose `/v1` is the OpenAI door's, in small letters and without a port. */
  readonly openAiHost: string | undefined;
}

/** The doors of the gateway, and which one a request came to. */
export class Doors {
  readonly #init: DoorsInit;

  constructor(init: DoorsInit) {
    this.#init = init;
  }

  named(name: DoorName | undefined): HttpDoor {
    return this.#init[name ?? "native"];
  }

  /** Whether a request came by the host that speaks OpenAI's format. */
  isOpenAiHost(headers: Headers): boolean {
    const { openAiHost } = this.#init;
    return openAiHost !== undefined && hostName(headers.get("host") ?? "") === openAiHost;
  }

  /** The path that is looked up for a path on that host: its `/v1` is `/oai/v1`. */
  pathOnOpenAiHost(pathname: string): string {
    return segmentsOf(pathname)?.[0] === "v1" ? `${OPENAI_PREFIX}${pathname}` : pathname;
  }

  /** The door that tells of a path where nothing is served. */
  ofUnknown(pathname: string, isOpenAiHost: boolean): HttpDoor {
    if (isOpenAiHost) return this.#init.openai;
    const [first, second = "", third] = segmentsOf(pathname) ?? pathname.split("/").slice(1);
    const below = second === "chat" ? `chat/${third}` : second;
    if (first === "anthropic") return this.#init.anthropic;
    const isOpenAi = first === "oai" || (first === "v1" && OPENAI_AT_V1.has(below));
    return this.named(isOpenAi ? "openai" : "native");
  }
}

/** Without its port, and the dot at the end that names may have. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
}
