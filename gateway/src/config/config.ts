import { nearest } from "../base/nearest.ts";
import type { DatabaseAddress } from "../core/database-address.ts";
import type { Environment } from "./env.ts";
import type { Network } from "./formats.ts";
import type { DefaultedVariable, DefaultText, OptionalVariable } from "./variable.ts";
import { VARIABLES } from "./variables.ts";

const PREFIX = "SCAIGRID_";
/** Used by the test suite; of no meaning to the gateway. */
const TEST_PREFIX = "SCAIGRID_TEST_";

type PayerLevel = "key" | "user" | "tenant" | "partner";

/** All settings of a process, checked and frozen. What each means stands in `VARIABLES`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** As given: relative to the working folder unless absolute. */
  readonly dataDir: string;
  readonly journal: "local" | "strict";
  /** As given: relative to the working folder unless absolute. */
  readonly configFile?: string;
  /** Processes that serve together. */
  readonly workers: number;
  readonly mode: "all" | "http" | "worker" | "migrate";
  /** PostgreSQL; without it the store is SQLite. */
  readonly database?: DatabaseAddress;
  readonly databasePoolSize: number;
  readonly databasePooler: boolean;
  readonly staleAuthSeconds: number;
  /** How long traces, events and single settled requests are kept. */
  readonly traceDays: number;
  readonly eventDays: number;
  readonly usageDays: number;
  /** Without a slash at its end. */
  readonly publicUrl?: string;
  /** In small letters, without a port. */
  readonly openAiHost?: string;
  readonly adminKey?: string;
  /** 32 bytes. */
  readonly secretKey?: Uint8Array;
  /** 32 bytes. */
  readonly previousSecretKey?: Uint8Array;
  /** Requests per rolling minute; 0 = unlimited. */
  readonly rateLimits: Readonly<Record<PayerLevel | "address", number>>;
  /** Tokens per rolling minute; 0 = unlimited. */
  readonly tokenLimits: Readonly<Record<PayerLevel, number>>;
  /** Requests in flight; 0 = unlimited. */
  readonly concurrencyLimits: Readonly<Record<PayerLevel, number>>;
  /** Undefined = what the machine allows. */
  readonly inFlightMax?: number;
  readonly queueMax: number;
  /** 0 = no waiting. */
  readonly queueMs: number;
  /** 0 = off. */
  readonly shedLagMs: number;
  /** Undefined = the machine's. */
  readonly memoryLimitMb?: number;
  readonly bodyMemoryMb?: number;
  readonly diskReserveMb: number;
  readonly storeMaxMb: number;
  readonly bodySeconds: number;
  /** Empty = none. */
  readonly trustedProxies: readonly Network[];
  /** Origins, or one `*`; empty = none. */
  readonly corsOrigins: readonly string[];
  readonly holdHeadersSeconds: number;
  /** 0 = off. */
  readonly keepAliveSeconds: number;
  /** How often providers are asked whether they answer; 0 = never. */
  readonly healthCheckSeconds: number;
  readonly drainSeconds: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "json" | "pretty";
  readonly metricsToken?: string;
  readonly allowPrivateUpstreams: boolean;
  readonly allowPrivateMedia: boolean;
  readonly detect: boolean;
  readonly insecureCookies: boolean;
  /** ISO 4217. */
  readonly currency: string;
  /** What becomes of requests that nobody has priced. */
  readonly unpriced: "refuse" | "serve";
  readonly sandboxTokenMs: number;
  /** For the command line. Without a slash at its end. */
  readonly baseUrl?: string;
  /** For the command line. */
  readonly apiKey?: string;
}

/** What the defaults depend on. */
export interface StartFacts {
  /** Whether a person sees the output. */
  readonly isTerminal: boolean;
}

/** One wrong variable. */
export interface ConfigProblem {
  readonly variable: string;
  /** What is wrong, as a sentence. */
  readonly message: string;
  /** What to do, as a sentence. */
  readonly fix: string;
}

/** Says everything that is wrong with the environment at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map((problem) => `  ${problem.message} ${problem.fix}`);
    super(`The configuration is not valid:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Reads rows, going on after a wrong one so that all are found. */
class Reader {
  readonly problems: ConfigProblem[] = [];
  readonly #environment: Environment;
  readonly #facts: StartFacts;

  constructor(environment: Environment, facts: StartFacts) {
    this.#environment = environment;
    this.#facts = facts;
  }

  /** The value, or that of the default where the text is wrong: the caller stops at the end anyway. */
  defaulted<Value>(row: DefaultedVariable<Value>): Value {
    return this.optional<Value>(row) ?? row.parse.parse(this.defaultText(row.default));
  }

  optional<Value>(row: DefaultedVariable<Value> | OptionalVariable<Value>): Value | undefined {
    const text = this.#environment[row.name]?.trim();
    // Compose files and shells hand on unset variables as empty ones.
    if (text === undefined || text === "") return undefined;
    const result = row.parse.safeParse(text);
    if (result.success) return result.data;
    const shown = row.secret === true ? "" : ` is ${JSON.stringify(text)}, but`;
    const must = result.error.issues[0]?.message ?? "well-formed";
    const unset = row.default === undefined ? "" : ` for the default, ${this.defaultText(row.default)}`;
    this.problems.push({
      variable: row.name,
      message: `${row.name}${shown} must be ${must}.`,
      fix: `Correct it, for example ${row.name}=${row.example}, or remove it${unset}.`,
    });
    return undefined;
  }

  defaultText(text: DefaultText): string {
    if (typeof text === "string") return text;
    return this.#facts.isTerminal ? text.terminal : text.otherwise;
  }

  /** Throws `ConfigError` where anything was wrong, these problems and variables that nobody knows included. */
  conclude(more: readonly ConfigProblem[]): void {
    this.#refuseUnknown();
    this.problems.push(...more);
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }

  #refuseUnknown(): void {
    const known: readonly string[] = Object.values(VARIABLES).map((row) => row.name);
    const bare = known.map((name) => name.slice(PREFIX.length));
    for (const name of Object.keys(this.#environment)) {
      if (!name.startsWith(PREFIX) || name.startsWith(TEST_PREFIX) || known.includes(name)) continue;
      // Without what they all begin with, which would make any two names look alike.
      const [near] = nearest(name.slice(PREFIX.length), bare, 1);
      const meant = near === undefined ? undefined : `${PREFIX}${near}`;
      this.problems.push({
        variable: name,
        message: `${name} is not a setting.`,
        fix: meant === undefined ? "Remove it." : `Did you mean ${meant}? Rename or remove it.`,
      });
    }
  }
}

/** `{ [name]: value }`, or nothing where there is no value. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [K in Name]?: Value } {
  const entry: { [K in Name]?: Value } = {};
  if (value !== undefined) entry[name] = value;
  return entry;
}

const NO_LIMITS = { key: 0, user: 0, tenant: 0, partner: 0 } as const;

/** Checks the environment. Throws `ConfigError` with every problem; variables without our prefix are ignored. */
export function loadConfig(environment: Environment, facts: StartFacts): Config {
  const reader = new Reader(environment, facts);
  const config: Config = {
    port: reader.defaulted(VARIABLES.port),
    host: reader.defaulted(VARIABLES.host),
    dataDir: reader.defaulted(VARIABLES.dataDir),
    journal: reader.defaulted(VARIABLES.journal),
    ...present("configFile", reader.optional(VARIABLES.configFile)),
    mode: reader.defaulted(VARIABLES.mode),
    workers: reader.defaulted(VARIABLES.workers),
    ...present("database", reader.optional(VARIABLES.database)),
    databasePoolSize: reader.defaulted(VARIABLES.databasePoolSize),
    databasePooler: reader.defaulted(VARIABLES.databasePooler),
    staleAuthSeconds: reader.defaulted(VARIABLES.staleAuthSeconds),
    traceDays: reader.defaulted(VARIABLES.traceDays),
    eventDays: reader.defaulted(VARIABLES.eventDays),
    usageDays: reader.defaulted(VARIABLES.usageDays),
    ...present("publicUrl", reader.optional(VARIABLES.publicUrl)),
    ...present("openAiHost", reader.optional(VARIABLES.openAiHost)),
    ...present("adminKey", reader.optional(VARIABLES.adminKey)),
    ...present("secretKey", reader.optional(VARIABLES.secretKey)),
    ...present("previousSecretKey", reader.optional(VARIABLES.previousSecretKey)),
    ...limitsIn(reader),
    ...boundsIn(reader),
    trustedProxies: Object.freeze(reader.optional(VARIABLES.trustedProxies) ?? []),
    corsOrigins: Object.freeze(reader.optional(VARIABLES.corsOrigins) ?? []),
    holdHeadersSeconds: reader.defaulted(VARIABLES.holdHeadersSeconds),
    keepAliveSeconds: reader.defaulted(VARIABLES.keepAliveSeconds),
    healthCheckSeconds: reader.defaulted(VARIABLES.healthCheckSeconds),
    drainSeconds: reader.defaulted(VARIABLES.drainSeconds),
    logLevel: reader.defaulted(VARIABLES.logLevel),
    logFormat: reader.defaulted(VARIABLES.logFormat),
    ...present("metricsToken", reader.optional(VARIABLES.metricsToken)),
    allowPrivateUpstreams: reader.defaulted(VARIABLES.allowPrivateUpstreams),
    allowPrivateMedia: reader.defaulted(VARIABLES.allowPrivateMedia),
    detect: reader.defaulted(VARIABLES.detect),
    insecureCookies: reader.defaulted(VARIABLES.insecureCookies),
    currency: reader.defaulted(VARIABLES.currency),
    unpriced: reader.defaulted(VARIABLES.unpriced),
    sandboxTokenMs: reader.defaulted(VARIABLES.sandboxTokenMs),
    ...present("baseUrl", reader.optional(VARIABLES.baseUrl)),
    ...present("apiKey", reader.optional(VARIABLES.apiKey)),
  };
  reader.conclude(contradictions(config));
  return Object.freeze(config);
}

function limitsIn(reader: Reader): Pick<Config, "rateLimits" | "tokenLimits" | "concurrencyLimits"> {
  return {
    rateLimits: levelLimitsOf(reader, VARIABLES.rateLimits, { ...NO_LIMITS, address: 0 }),
    tokenLimits: levelLimitsOf(reader, VARIABLES.tokenLimits, NO_LIMITS),
    concurrencyLimits: levelLimitsOf(reader, VARIABLES.concurrencyLimits, NO_LIMITS),
  };
}

function boundsIn(reader: Reader) {
  return {
    ...present("inFlightMax", reader.optional(VARIABLES.inFlightMax)),
    queueMax: reader.defaulted(VARIABLES.queueMax),
    queueMs: reader.defaulted(VARIABLES.queueMs),
    shedLagMs: reader.defaulted(VARIABLES.shedLagMs),
    ...present("memoryLimitMb", reader.optional(VARIABLES.memoryLimitMb)),
    ...present("bodyMemoryMb", reader.optional(VARIABLES.bodyMemoryMb)),
    diskReserveMb: reader.defaulted(VARIABLES.diskReserveMb),
    storeMaxMb: reader.defaulted(VARIABLES.storeMaxMb),
    bodySeconds: reader.defaulted(VARIABLES.bodySeconds),
  };
}

/** Settings that are well-formed and do not go together. */
function contradictions({ mode, workers, database }: Config): ConfigProblem[] {
  const { mode: modes, workers: processes, database: address } = VARIABLES;
  const problems: ConfigProblem[] = [];
  const refuse = ({ name }: { readonly name: string }, message: string, fix: string): void =>
    void problems.push({ variable: name, message: `${name} ${message}`, fix });
  const isApart = mode === "http" || mode === "worker";
  const needsSharing = `needs a store which processes can share.`;
  const useDatabase = `Set ${address.name} to a PostgreSQL database, or remove`;
  if (isApart && !database)
    refuse(
      modes,
      `is "${mode}", but that ${needsSharing}`,
      `${useDatabase} ${modes.name}: one process does it all then.`,
    );
  if (workers > 1 && !database)
    refuse(
      processes,
      `is ${workers}, but more than one ${needsSharing}`,
      `${useDatabase} ${processes.name}.`,
    );
  if (workers > 1 && mode === "worker")
    refuse(
      processes,
      `is ${workers}, but one process does the background work.`,
      `Remove ${processes.name}.`,
    );
  return problems;
}

/** The limits given, those left out as in the row's default. */
function levelLimitsOf<Level extends string>(
  reader: Reader,
  row: DefaultedVariable<Readonly<Partial<Record<Level, number>>>>,
  unlimited: Readonly<Record<Level, number>>,
): Readonly<Record<Level, number>> {
  const defaults = row.parse.parse(reader.defaultText(row.default));
  return Object.freeze({ ...unlimited, ...defaults, ...reader.defaulted(row) });
}
