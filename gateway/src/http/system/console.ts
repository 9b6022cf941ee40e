import { ApiError } from "../../errors.ts";
import type { Arrival } from "../route.ts";
import type { SystemEndpoint } from "./endpoint.ts";

/** One built file of the admin console. */
export interface ConsoleFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Content hash, quoted. */
  readonly etag: string;
}

/** The built console by file name: `index.html` and what stands under `/admin/assets/`. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

const DAY_SECONDS = 86_400;
const PAGE = "index.html";
/** Nothing from elsewhere, nothing inline: what a page of ours may load is what we serve. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const shared = {
  kind: "system",
  method: "GET",
  access: "public",
  tag: "Console",
  costBearing: false,
  contentType: "text/html",
} as const;

/** Every address below `/admin` is the same page: the console routes by itself. */
const page: Pick<SystemEndpoint, "serve"> = {
  serve({ request }, { console }) {
    const file = console.get(PAGE);
    if (!file) {
      throw new ApiError("NOT_FOUND", "The admin console has not been built.", {
        hint: "Build it with `npm run build:ui`, then start the gateway again.",
      });
    }
    return answer(request, file, { ...PAGE_HEADERS, "cache-control": "no-cache" });
  },
};

export const consoleHome: SystemEndpoint = {
  ...shared,
  path: "/admin",
  operationId: "getConsole",
  errors: ["NOT_FOUND"],
  summary: "The admin console",
  ...page,
};

export const consoleHomeSlash: SystemEndpoint = {
  ...shared,
  path: "/admin/",
  summary: "The admin console",
  ...page,
};

export const consolePage: SystemEndpoint = {
  ...shared,
  path: "/admin/{page...}",
  operationId: "getConsolePage",
  errors: ["NOT_FOUND"],
  summary: "A page of the admin console",
  ...page,
};

export const consoleAsset: SystemEndpoint = {
  ...shared,
  path: "/admin/assets/{file}",
  operationId: "getConsoleAsset",
  contentType: "application/octet-stream",
  errors: ["NOT_FOUND"],
  summary: "A file of the admin console; its name changes with its content",
  serve({ request, params }: Arrival, { console }) {
    const name = params["file"] ?? "";
    const file = name === PAGE ? undefined : console.get(name);
    if (!file) throw new ApiError("NOT_FOUND");
    return answer(request, file, {
      "cache-control": `public, max-age=${365 * DAY_SECONDS}, immutable`,
      "x-content-type-options": "nosniff",
    });
  },
};

export const root: SystemEndpoint = {
  ...shared,
  path: "/",
  redirects: true,
  summary: "Leads to the admin console",
  serve: () => new Response(null, { status: 302, headers: { location: "/admin" } }),
};

function answer(request: Request, file: ConsoleFile, headers: Record<string, string>): Response {
  const own = { ...headers, etag: file.etag };
  if (request.headers.get("if-none-match") === file.etag)
    return new Response(null, { status: 304, headers: own });
  return new Response(file.bytes, { headers: { ...own, "content-type": file.contentType } });
}
