import type { KnownProvider } from "./known-provider.ts";
import { CommandError } from "./output.ts";

/** Where a credential is, as the command line says. */
export interface ConnectionOptions {
  readonly keyEnv?: string;
  readonly accountEnv?: boolean;
  readonly serviceAccount?: string;
}

/** What reads the places it may be in. */
export interface Places {
  readonly secretOf: (variable: string) => string | undefined;
  readonly fileText: (path: string) => string;
}

/** The credential to send; undefined where none is named. Throws CommandError for one that is not where it should be. */
export function connectionOf(
  { keyEnv, accountEnv, serviceAccount }: ConnectionOptions,
  known: KnownProvider | undefined,
  { secretOf, fileText }: Places,
): Readonly<Record<string, string>> | undefined {
  const named = [keyEnv !== undefined, accountEnv === true, serviceAccount !== undefined];
  if (named.filter(Boolean).length > 1) {
    throw new CommandError(
      "--key-env, --account-env and --service-account each name a credential: give one of them",
    );
  }
  if (serviceAccount !== undefined) return { service_account: fileText(serviceAccount) };
  if (accountEnv === true) return accountIn(known, secretOf);
  if (keyEnv === undefined) return undefined;
  const key = secretOf(keyEnv);
  if (key !== undefined && key !== "") return { api_key: key };
  throw new CommandError(
    `the variable ${keyEnv} is not set: export it with the provider's key, then call again`,
  );
}

/** The parts that are in the vendor's own variables; whether they are all that is needed the gateway says. */
function accountIn(known: KnownProvider | undefined, secretOf: Places["secretOf"]): Record<string, string> {
  const variables = Object.entries(known?.account_variables ?? {});
  const parts = variables.flatMap(([part, variable]) => {
    const value = secretOf(variable);
    return value === undefined || value === "" ? [] : [[part, value] as const];
  });
  if (parts.length > 0) return Object.fromEntries(parts);
  const names = variables.map(([, variable]) => variable).join(", ");
  throw new CommandError(
    names === ""
      ? "this provider has a key: name its variable with --key-env"
      : `none of the variables of an account is set: export ${names}, then call again`,
  );
}
