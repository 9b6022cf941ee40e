import * as format from "./formats.ts";
import { defaulted, optional } from "./variable.ts";
import type { Variable } from "./variable.ts";

const DAY_SECONDS = 86_400;
/** Below the 30 s of silence after which the connection of a caller who waits would be cut. */
const QUEUE_MS_MAX = 20_000;
const MEGABYTES_MAX = 16_777_216;

/** The settings of limits and overload, one row each. */
export const LIMIT_VARIABLES = {
  rateLimits: defaulted({
    name: "SCAIGRID_RATE_LIMITS",
    default: "key:60,user:120,tenant:1000,partner:5000,address:600",
    parse: format.levelLimits(["key", "user", "tenant", "partner", "address"]),
    describes:
      "Requests per rolling minute at each level, for whoever has no limit of their own; `address` is for callers without a valid key, counted by IP address. 0 is unlimited; levels left out keep the default.",
    example: "key:600,tenant:0",
  }),
  tokenLimits: defaulted({
    name: "SCAIGRID_TOKEN_LIMITS",
    default: "key:0,user:0,tenant:0,partner:0",
    parse: format.levelLimits(["key", "user", "tenant", "partner"]),
    describes:
      "Tokens per rolling minute at each level, input and output together. A request needs room for its estimated prompt and its output limit, and is counted with what it used. 0 is unlimited.",
    example: "key:100000,tenant:2000000",
  }),
  concurrencyLimits: defaulted({
    name: "SCAIGRID_CONCURRENCY_LIMITS",
    default: "key:0,user:0,tenant:0,partner:0",
    parse: format.levelLimits(["key", "user", "tenant", "partner"]),
    describes: "Requests in flight at once at each level. 0 is unlimited.",
    example: "key:20,tenant:200",
  }),
  inFlightMax: optional({
    name: "SCAIGRID_IN_FLIGHT_MAX",
    parse: format.wholeNumber(1, 1_000_000),
    describes:
      "Inference requests in flight at once in this process; more wait for a place. Without it, what memory and file descriptors allow, at most 20 000.",
    example: "2000",
  }),
  queueMax: defaulted({
    name: "SCAIGRID_QUEUE_MAX",
    default: "1000",
    parse: format.wholeNumber(0, 100_000),
    describes:
      "Inference requests that may wait for a place; more are refused with `OVERLOADED`. One tenant may take half of them.",
    example: "200",
  }),
  queueMs: defaulted({
    name: "SCAIGRID_QUEUE_MS",
    default: "2000",
    parse: format.wholeNumber(0, QUEUE_MS_MAX),
    describes: "Milliseconds an inference request waits for a place at most. 0 does not wait.",
    example: "500",
  }),
  shedLagMs: defaulted({
    name: "SCAIGRID_SHED_LAG_MS",
    default: "1000",
    parse: format.wholeNumber(0, 60_000),
    describes:
      "Event-loop delay in milliseconds above which new inference requests are refused with `OVERLOADED`, once it lasts. 0 never refuses for it.",
    example: "500",
  }),
  memoryLimitMb: optional({
    name: "SCAIGRID_MEMORY_LIMIT_MB",
    parse: format.wholeNumber(64, MEGABYTES_MAX),
    describes:
      "Megabytes the gateway may use, all its processes together; above 85 % of them new inference requests are refused with `OVERLOADED`. Without it, the memory of the container or machine.",
    example: "1024",
  }),
  bodyMemoryMb: optional({
    name: "SCAIGRID_BODY_MEMORY_MB",
    parse: format.wholeNumber(1, MEGABYTES_MAX),
    describes:
      "Megabytes that the large request bodies (over 64 kB) of all calls in flight may come to. Without it, a sixteenth of the memory limit, from 64 to 2048.",
    example: "256",
  }),
  diskReserveMb: defaulted({
    name: "SCAIGRID_DISK_RESERVE_MB",
    default: "256",
    parse: format.wholeNumber(0, MEGABYTES_MAX),
    describes:
      "Megabytes that stay free on the disk of the data folder for what is under way: below them nothing that costs money is begun (`DEPENDENCY_UNAVAILABLE`), below twice as many an alarm is given. 0 looks at no disk.",
    example: "1024",
  }),
  storeMaxMb: defaulted({
    name: "SCAIGRID_STORE_MAX_MB",
    default: "0",
    parse: format.wholeNumber(0, MEGABYTES_MAX),
    describes:
      "Megabytes that the store may hold: beyond them the oldest traces are deleted before their time, and an alarm is given. Nothing else is deleted for it, and no trace of the last hour. 0 sets no limit.",
    example: "20000",
  }),
  bodySeconds: defaulted({
    name: "SCAIGRID_BODY_SECONDS",
    default: "120",
    parse: format.wholeNumber(1, DAY_SECONDS),
    describes: "How long a request body may take from its headers to its last byte.",
    example: "30",
  }),
  trustedProxies: optional({
    name: "SCAIGRID_TRUSTED_PROXIES",
    parse: format.networks,
    describes:
      "Addresses and networks of the proxies in front, separated by commas. Only their `X-Forwarded-For` tells who the caller is; everyone else's is ignored.",
    example: "10.0.0.0/8,192.0.2.7",
  }),
} as const satisfies Record<string, Variable>;
