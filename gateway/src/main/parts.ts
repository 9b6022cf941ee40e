import type { ConfigFile } from "../admin/config-file/config-file.ts";
import type { Config } from "../config/config.ts";
import type { ConsoleFiles } from "../http/system/console.ts";
import type { Records } from "../journal/records.ts";
import type { FormerWindow } from "../settlement/budgets/local-authority.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import type { KeyRing } from "../store/secret-key/key-ring.ts";
import type { Rotation } from "../store/secret-key/rotation.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Machine } from "./machine.ts";
import type { SupervisorLink } from "./processes/supervisor-link.ts";

/** What the parts of one process share beyond the stores. */
export interface Parts {
  readonly config: Config;
  readonly machine: Machine;
  readonly records: Records;
  readonly plane: ControlPlane;
  /** What budgets had spent when all that former processes left was settled. */
  readonly spentWindows: readonly FormerWindow[];
  readonly ring: KeyRing;
  readonly rotation: Rotation;
  readonly log: Logger;
  /** Where the node has one. */
  readonly configFile: ConfigFile | undefined;
  /** The built console. */
  readonly console: ConsoleFiles;
  /** Where several processes serve together. */
  readonly processes?: SupervisorLink;
}
