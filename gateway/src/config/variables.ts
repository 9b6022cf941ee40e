import { databaseUrl } from "./database-url.ts";
import * as format from "./formats.ts";
import { LIMIT_VARIABLES } from "./limit-variables.ts";
import { defaulted, optional } from "./variable.ts";
import type { Variable } from "./variable.ts";

const PORT_MAX = 65_535;
const DAY_SECONDS = 86_400;

/** Every setting, one row each: the configuration reference is generated from this table. */
export const VARIABLES = {
  port: defaulted({
    name: "SCAIGRID_PORT",
    default: "8000",
    parse: format.wholeNumber(0, PORT_MAX),
    describes: "The port to listen on. 0 takes any free one.",
    example: "8000",
  }),
  host: defaulted({
    name: "SCAIGRID_HOST",
    default: "localhost",
    parse: format.host,
    describes:
      "The address to listen on. `localhost` is both loopback families; `0.0.0.0` or `::` is the whole network.",
    example: "0.0.0.0",
  }),
  dataDir: defaulted({
    name: "SCAIGRID_DATA_DIR",
    default: "./data",
    parse: format.path,
    describes: "Where the store, the journal and the secret key file live. Counted from the working folder.",
    example: "/var/lib/scaigrid",
  }),
  configFile: optional({
    name: "SCAIGRID_CONFIG",
    parse: format.path,
    describes:
      "A file that declares providers, backends, models, routing policies and budgets. Without it, `scaigrid.yaml` in the data folder or the working folder, where there is one.",
    example: "/etc/scaigrid/scaigrid.yaml",
  }),
  mode: defaulted({
    name: "SCAIGRID_MODE",
    default: "all",
    parse: format.oneOf(["all", "http", "worker", "migrate"]),
    describes:
      "`all` serves and does the background work; `http` only serves; `worker` only does the background work that one process does for all, and answers health checks and metrics; `migrate` upgrades the schema and exits. `http` and `worker` need PostgreSQL.",
    example: "http",
  }),
  workers: defaulted({
    name: "SCAIGRID_WORKERS",
    default: "1",
    parse: format.wholeNumber(1, 64),
    describes:
      "How many processes serve on the port, each a node of its own with its journal in the data folder; one for each processor core is a good number. More than one needs PostgreSQL and Linux.",
    example: "4",
  }),
  journal: defaulted({
    name: "SCAIGRID_JOURNAL",
    default: "local",
    parse: format.oneOf(["local", "strict"]),
    describes:
      "What a power cut can take of requests and amounts. `local`: the last 50 ms; the disk is written to behind them. `strict`: nothing; the journal is on the disk before the provider is called and before an answer ends, which costs each call the time of two writes to it. The death of the process takes nothing either way.",
    example: "strict",
  }),
  database: optional({
    name: "SCAIGRID_DATABASE_URL",
    parse: databaseUrl,
    describes:
      "A PostgreSQL database (15 or newer) as the store, in place of the SQLite file in the data folder. `sslmode` is `disable`, `prefer` (the default), `require`, `verify-ca` or `verify-full`; `sslrootcert` names the file of the authority that signed the server's certificate.",
    example: "postgres://scaigrid:secret@db.example.com:5432/scaigrid?sslmode=verify-full",
    secret: true,
  }),
  databasePoolSize: defaulted({
    name: "SCAIGRID_DATABASE_POOL_SIZE",
    default: "10",
    parse: format.wholeNumber(1, 500),
    describes:
      "Connections to PostgreSQL for reports and management. Each node opens up to four more for its own upkeep.",
    example: "20",
  }),
  databasePooler: defaulted({
    name: "SCAIGRID_DATABASE_POOLER",
    default: "off",
    parse: format.onOff,
    describes:
      "Whether SCAIGRID_DATABASE_URL leads to a pooler that gives out connections for one transaction each (PgBouncer in transaction mode). Changes then reach the other nodes by asking once a second.",
    example: "on",
  }),
  traceDays: defaulted({
    name: "SCAIGRID_TRACE_DAYS",
    default: "30",
    parse: format.wholeNumber(1, 3_650),
    describes: "How many days traces of requests are kept.",
    example: "90",
  }),
  eventDays: defaulted({
    name: "SCAIGRID_EVENT_DAYS",
    default: "30",
    parse: format.wholeNumber(1, 3_650),
    describes: "How many days events are kept.",
    example: "90",
  }),
  usageDays: defaulted({
    name: "SCAIGRID_USAGE_DAYS",
    default: "400",
    parse: format.wholeNumber(62, 3_650),
    describes:
      "How many days single settled requests are kept. Their sums by quarter of an hour, the ledger and the audit log are kept for good.",
    example: "730",
  }),
  staleAuthSeconds: defaulted({
    name: "SCAIGRID_STALE_AUTH_SECONDS",
    default: "900",
    parse: format.wholeNumber(30, DAY_SECONDS),
    describes:
      "How long a node that cannot reach PostgreSQL goes on serving the keys it knows. After that it answers 503 until it has read what has changed.",
    example: "300",
  }),
  publicUrl: optional({
    name: "SCAIGRID_PUBLIC_URL",
    parse: format.webAddress,
    describes: "The address callers use, for links, redirects and snippets. Set it behind a proxy.",
    example: "https://ai.example.com",
  }),
  openAiHost: optional({
    name: "SCAIGRID_OPENAI_HOST",
    parse: format.hostName,
    describes:
      "A further host name of this gateway whose `/v1` is in OpenAI's format, as `/oai/v1` is on every host. For tools that let one change the host alone.",
    example: "openai.example.com",
  }),
  adminKey: optional({
    name: "SCAIGRID_ADMIN_KEY",
    parse: format.apiKey,
    describes:
      "A key made with `scaigrid keys mint`. A start gives it to a service user that is `super_admin`, unless it is known already.",
    example: "sgk_…",
    secret: true,
  }),
  secretKey: optional({
    name: "SCAIGRID_SECRET_KEY",
    parse: format.secretKey,
    describes:
      "Encrypts provider credentials. Without it the gateway keeps a generated key in the data folder; losing the key loses the credentials.",
    example: "64 hex digits",
    secret: true,
  }),
  previousSecretKey: optional({
    name: "SCAIGRID_SECRET_KEY_PREVIOUS",
    parse: format.secretKey,
    describes:
      "The secret key before SCAIGRID_SECRET_KEY. Both open credentials until `scaigrid secrets rotate` has sealed all of them with the new one; then remove it.",
    example: "64 hex digits",
    secret: true,
  }),
  ...LIMIT_VARIABLES,
  corsOrigins: optional({
    name: "SCAIGRID_CORS_ORIGINS",
    parse: format.origins,
    describes: "Origins whose pages may call the API from a browser, separated by commas, or `*`.",
    example: "https://app.example.com",
  }),
  holdHeadersSeconds: defaulted({
    name: "SCAIGRID_HOLD_HEADERS_SECONDS",
    default: "10",
    parse: format.wholeNumber(0, DAY_SECONDS),
    describes:
      "How long a stream's status waits for the first content, so that early failures are real error responses. Lower it under proxies that cut silent connections; 0 does not wait.",
    example: "10",
  }),
  keepAliveSeconds: defaulted({
    name: "SCAIGRID_KEEP_ALIVE_SECONDS",
    default: "15",
    parse: format.wholeNumber(0, DAY_SECONDS),
    describes: "How often a silent stream sends a comment line. 0 sends none.",
    example: "15",
  }),
  healthCheckSeconds: defaulted({
    name: "SCAIGRID_HEALTH_CHECK_SECONDS",
    default: "60",
    parse: format.wholeNumber(0, DAY_SECONDS),
    describes:
      "How often each provider is asked for its models, which costs nothing, to see whether it answers. 0 does not ask.",
    example: "60",
  }),
  drainSeconds: defaulted({
    name: "SCAIGRID_DRAIN_SECONDS",
    default: { terminal: "5", otherwise: "600" },
    parse: format.wholeNumber(0, DAY_SECONDS),
    describes: "How long a shutdown waits for open streams.",
    example: "60",
  }),
  logLevel: defaulted({
    name: "SCAIGRID_LOG_LEVEL",
    default: "info",
    parse: format.oneOf(["debug", "info", "warn", "error"]),
    describes: "The least important events that are logged: `debug`, `info`, `warn` or `error`.",
    example: "info",
  }),
  logFormat: defaulted({
    name: "SCAIGRID_LOG_FORMAT",
    default: { terminal: "pretty", otherwise: "json" },
    parse: format.oneOf(["json", "pretty"]),
    describes: "`json` is one JSON object a line; `pretty` is for people.",
    example: "json",
  }),
  metricsToken: optional({
    name: "SCAIGRID_METRICS_TOKEN",
    parse: format.token,
    describes:
      "Opens `GET /metrics` to other machines that send it as a bearer token. Without it only this machine may read them.",
    example: "a long random text",
    secret: true,
  }),
  allowPrivateUpstreams: defaulted({
    name: "SCAIGRID_ALLOW_PRIVATE_UPSTREAMS",
    default: "on",
    parse: format.onOff,
    describes:
      "Whether backends may be on private networks and on this machine. Turn it off when people you do not trust manage providers.",
    example: "off",
  }),
  allowPrivateMedia: defaulted({
    name: "SCAIGRID_ALLOW_PRIVATE_MEDIA",
    default: "off",
    parse: format.onOff,
    describes:
      "Whether images that callers give by address may be fetched from private networks and this machine. Only where all callers may reach what the gateway reaches.",
    example: "on",
  }),
  detect: defaulted({
    name: "SCAIGRID_DETECT",
    default: "on",
    parse: format.onOff,
    describes:
      "Whether a start adds the providers it finds: keys in the vendors' own variables, such as `OPENAI_API_KEY`, and an Ollama on this machine or at `OLLAMA_HOST`. Never with PostgreSQL, which nodes with other environments may share.",
    example: "off",
  }),
  insecureCookies: defaulted({
    name: "SCAIGRID_INSECURE_COOKIES",
    default: "off",
    parse: format.onOff,
    describes:
      "Whether people may sign in over plain HTTP from other machines. Their password and session then travel in the clear: only for a network you trust.",
    example: "on",
  }),
  currency: defaulted({
    name: "SCAIGRID_CURRENCY",
    default: "USD",
    parse: format.currency,
    describes: "The one currency of all prices, costs and budgets.",
    example: "EUR",
  }),
  unpriced: defaulted({
    name: "SCAIGRID_UNPRICED",
    default: "refuse",
    parse: format.oneOf(["refuse", "serve"]),
    describes:
      "What becomes of a request whose model or backend has no price and is not marked free: `refuse` answers MODEL_NOT_PRICED, `serve` lets it through and charges nothing.",
    example: "serve",
  }),
  sandboxTokenMs: defaulted({
    name: "SCAIGRID_SANDBOX_TOKEN_MS",
    default: "15",
    parse: format.wholeNumber(0, 10_000),
    describes: "Milliseconds between two words of a stream of the sandbox models.",
    example: "0",
  }),
  baseUrl: optional({
    name: "SCAIGRID_BASE_URL",
    parse: format.webAddress,
    describes: "For the command line: the gateway to talk to. Without it, the one on this data folder.",
    example: "https://ai.example.com",
  }),
  apiKey: optional({
    name: "SCAIGRID_API_KEY",
    // Not checked further: the gateway it is sent to says what is wrong with it.
    parse: format.token,
    describes:
      "For the command line: an administrator's key for a gateway elsewhere. The one on this data folder needs none.",
    example: "sgk_…",
    secret: true,
  }),
} as const satisfies Record<string, Variable>;
