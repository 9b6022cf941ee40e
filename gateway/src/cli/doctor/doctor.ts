import { systemClock as clock } from "../../base/clock.ts";
import { checkConfigFile } from "../../admin/config-file/check.ts";
import { findConfigFile, readConfigFile } from "../../config/config-file.ts";
import type { Config } from "../../config/config.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../output.ts";
import { tableOf } from "../table.ts";
import { failed, type Finding } from "./finding.ts";
import { lookAtFolder } from "./folder.ts";
import { lookAtGateway } from "./gateway.ts";
import { lookAtStore } from "./store.ts";

export interface DoctorOptions {
  readonly json?: boolean;
}

/** What the doctor looks with. */
export interface DoctorDeps extends Context {
  /** Throws ConfigError. */
  readonly configuration: () => Config;
  /** Throws where the machine gives too little. */
  readonly demandMachine: () => void;
}

/**
 * `scaigrid doctor`: looks at everything a gateway needs, and changes nothing. Throws CommandError where something keeps
 * it from starting or serving.
 */
export async function doctor(options: DoctorOptions, deps: DoctorDeps): Promise<void> {
  const { output } = deps;
  const findings = await look(deps);
  if (options.json === true) output.data(JSON.stringify(findings));
  else print(findings, output);
  const count = findings.filter(({ state }) => state === "failed").length;
  if (count > 0) throw new CommandError(`${count} of ${findings.length} checks failed.`);
}

async function look({ configuration, demandMachine, api }: DoctorDeps): Promise<readonly Finding[]> {
  const machine = tried("machine", () => {
    demandMachine();
    return "gives enough files and connections";
  });
  let config: Config;
  try {
    config = configuration();
  } catch (error) {
    // Where to look is not known.
    return [failed("environment", error), machine];
  }
  return [
    { check: "environment", state: "ok", found: "the SCAIGRID_* variables are valid" },
    machine,
    tried("configuration file", () => {
      const path = findConfigFile(config);
      if (path === undefined) return "none";
      checkConfigFile(path, readConfigFile(path));
      return `${path} is valid`;
    }),
    ...(await lookAtFolder(config)),
    ...(await lookAtStore(config, clock)),
    ...(await lookAtGateway(config, api)),
  ];
}

function tried(check: string, act: () => string): Finding {
  try {
    return { check, state: "ok", found: act() };
  } catch (error) {
    return failed(check, error);
  }
}

function print(findings: readonly Finding[], output: Context["output"]): void {
  const rows = findings.map(({ check, state, found }) => [state, check, found]);
  output.data(tableOf([["STATE", "CHECK", "FOUND"], ...rows]));
  for (const { check, state, fix } of findings) {
    if (fix !== undefined && state !== "ok") output.note(`${check}: ${fix}.`);
  }
}
