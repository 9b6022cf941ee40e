/** What the runtime reads once, from the environment it is started with, and never again. */
export const RUNTIME_ENVIRONMENT = {
  /** Simultaneous outgoing calls of a process: else 256. */
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
  /**
   * Milliseconds between two searches of the allocator for free pages to give back: else 100. Under load they are wanted
   * again at once, and the searches and page faults were 3 % of what a call costs.
   */
  MIMALLOC_PURGE_HOLES_MIN_INTERVAL: "2000",
} as const;

/** The environment with what it lacks of these; undefined where it has all of them. What it says already stays. */
export function completedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> | undefined {
  const lacking = Object.entries(RUNTIME_ENVIRONMENT).filter(([name]) => !env[name]);
  return lacking.length === 0 ? undefined : { ...env, ...Object.fromEntries(lacking) };
}
