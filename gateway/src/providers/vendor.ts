import type { CredentialPart, DialectName } from "../core/catalogue.ts";
import type { Quirks } from "../core/dialect.ts";
import type { AuthScheme, PartsScheme } from "./auth.ts";

/** One kind of provider. Everything that sets it apart from others is here, as data. */
export interface Vendor {
  /** What `Provider.type` names. */
  readonly type: string;
  /** What `Provider.preset` names: one of the known servers behind type `custom`. */
  readonly preset?: string;
  /** For people. */
  readonly label: string;
  readonly dialect: DialectName;
  /** What it speaks besides, where a backend asks for it. */
  readonly otherDialects?: readonly DialectName[];
  /** `sandbox` answers inside the process; the others go out through the egress guard, `pool` to one of several nodes. */
  readonly transport: "http" | "pool" | "sandbox";
  /** Used where the provider names none of its own. */
  readonly baseUrl?: string;
  /** What a base URL looks like that differs from account to account; parts of a credential may fill it. */
  readonly addressPattern?: string;
  /** Put behind a base URL without a path. */
  readonly basePath?: string;
  /** Whether a provider of this type cannot exist without a base URL of its own. */
  readonly needsBaseUrl: boolean;
  /** For a key. */
  readonly authScheme: AuthScheme;
  /** For a credential of several parts, where the vendor takes one. */
  readonly partsScheme?: PartsScheme;
  readonly quirks: Quirks;
  /** Below the base URL; the free call that lists models, also used as a health check. */
  readonly listModelsPath: string;
  /** What that call needs besides the credentials; names in lower case. */
  readonly listModelsHeaders?: Readonly<Record<string, string>>;
  /** Where there are more of them; what it does not give is not missed. */
  readonly moreModelsPath?: string;
  /** Where the list is at another address: what of the base URL is another, and what it is. */
  readonly listModelsAddress?: { readonly of: RegExp; readonly is: string };
  /** Runs on the operator's own machines: its models cost nothing by default. */
  readonly selfHosted: boolean;
  /** The environment variable in which the vendor's own tools look for the key. */
  readonly keyVariable?: string;
  /** Where else they look, when that one is not set. */
  readonly otherKeyVariables?: readonly string[];
  /** Where they look for the parts of a credential. */
  readonly partVariables?: Readonly<Partial<Record<CredentialPart, string>>>;
  /** Where they look for what the address pattern leaves open. */
  readonly addressVariables?: Readonly<Record<string, readonly string[]>>;
  /** Its models go by names that an account has given them: those of the price catalogue say nothing about what is there. */
  readonly ownModelNames?: boolean;
  /** Whether a key in that variable is found at start: not where it commonly serves other purposes. */
  readonly foundAtStart: boolean;
  /** The environment variable in which the vendor's own tools look for another base URL, path included. */
  readonly baseUrlVariable?: string;
  /** Where a person gets a key. */
  readonly keysPage?: string;
}
