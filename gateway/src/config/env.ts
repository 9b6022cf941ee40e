/** The environment as `loadConfig` takes it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = "SCAIGRID_";

/** Every `SCAIGRID_*` variable of this process, as text. The one place where the environment is read. */
export function readEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith(PREFIX)));
}

/** The variables of these names, as text: what vendors' own tools read. */
export function readVariables(names: readonly string[]): Environment {
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

/** One variable that a person has named on the command line, such as the one that holds a provider's key. */
export function readSecret(variable: string): string | undefined {
  return process.env[variable];
}
