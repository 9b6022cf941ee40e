import type { DialectName } from "../core/catalogue.ts";
import type { Quirks } from "../core/dialect.ts";
import type { AuthScheme } from "./auth.ts";

/** One kind of provider. Everything that sets it apart from others is here, as data. */
export interface Vendor {
  /** What `Provider.type` names. */
  readonly type: string;
  /** What `Provider.preset` names: one of the known servers behind type `custom`. */
  readonly preset?: string;
  /** For people. */
  readonly label: string;
  readonly dialect: DialectName;
  /** `sandbox` answers inside the process; the others go out through the egress guard, `pool` to one of several nodes. */
  readonly transport: "http" | "pool" | "sandbox";
  /** Used where the provider names none of its own. */
  readonly baseUrl?: string;
  /** Whether a provider of this type cannot exist without a base URL of its own. */
  readonly needsBaseUrl: boolean;
  readonly authScheme: AuthScheme;
  readonly quirks: Quirks;
  /** Below the base URL; the free call that lists models, also used as a health check. */
  readonly listModelsPath: string;
  /** What that call needs besides the credentials; names in lower case. */
  readonly listModelsHeaders?: Readonly<Record<string, string>>;
  /** Runs on the operator's own machines: its models cost nothing by default. */
  readonly selfHosted: boolean;
  /** The environment variable in which the vendor's own tools look for the key. */
  readonly keyVariable?: string;
  /** Where else they look, when that one is not set. */
  readonly otherKeyVariables?: readonly string[];
  /** Whether a key in that variable is found at start: not where it commonly serves other purposes. */
  readonly foundAtStart: boolean;
  /** The environment variable in which the vendor's own tools look for another base URL, path included. */
  readonly baseUrlVariable?: string;
  /** Where a person gets a key. */
  readonly keysPage?: string;
}
