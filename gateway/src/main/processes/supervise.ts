import { readFileSync } from "node:fs";
import { findConfigFile } from "../../config/config-file.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../telemetry/logs.ts";
import { Signals } from "../signals.ts";
import { Supervisor } from "./supervisor.ts";

/** Whether the kernel hands connections that wait at a closing port to the other processes on it. */
const MIGRATE = "/proc/sys/net/ipv4/tcp_migrate_req";

/** Runs `SCAIGRID_WORKERS` processes until a signal stops them. Throws where that cannot be done here. */
export async function supervise(config: Config, log: Logger): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(
      "SCAIGRID_WORKERS needs Linux, whose kernel spreads the connections to one port over several processes: " +
        "remove it, and start several gateways on ports of their own behind a load balancer",
    );
  }
  tellOfHandingOn(log);
  const reloads = findConfigFile(config) !== undefined && !process.stdout.isTTY;
  const script = Bun.isStandaloneExecutable ? [] : [Bun.main];
  const command = [process.execPath, ...script, "process"];
  const supervisor = new Supervisor({ config, log, command });
  await supervisor.run(new Signals(reloads ? () => supervisor.reload() : undefined));
}

function tellOfHandingOn(log: Logger): void {
  let setting: string;
  try {
    setting = readFileSync(MIGRATE, "utf8").trim();
  } catch {
    // A kernel older than 5.14: nothing can be set.
    return;
  }
  if (setting === "1") return;
  log.log("info", "connections_not_handed_on", {
    reason: "when one of several processes ends, connections that it had not accepted yet are reset",
    hint: "set net.ipv4.tcp_migrate_req=1 (sysctl), and the kernel hands them to the others",
  });
}
