import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readVariables } from "../config/env.ts";
import { CommandError } from "./output.ts";

const contents = z.object({ url: z.string(), key: z.string() });

/** A gateway elsewhere that `scaigrid login` has been told of. */
export type Login = z.infer<typeof contents>;

/** Where it is kept: in this user's own settings. Throws CommandError where there is no home. */
export function loginPath(): string {
  const { XDG_CONFIG_HOME: settings, HOME: home } = readVariables(["XDG_CONFIG_HOME", "HOME"]);
  if (settings !== undefined && settings !== "") return join(settings, "scaigrid", "login.json");
  if (home !== undefined && home !== "") return join(home, ".config", "scaigrid", "login.json");
  throw new CommandError("HOME is not set: set it, or set SCAIGRID_BASE_URL and SCAIGRID_API_KEY instead");
}

/** Keeps it for this user alone. */
export function writeLogin(login: Login): string {
  const path = loginPath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, JSON.stringify(login), { mode: 0o600 });
  renameSync(draft, path);
  return path;
}

/** Undefined when there is none. */
export function readLogin(): Login | undefined {
  try {
    return contents.safeParse(JSON.parse(readFileSync(loginPath(), "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Forgets it. */
export function removeLogin(): void {
  rmSync(loginPath(), { force: true });
}
