import { newId } from "../../base/ids.ts";
import { ConfigFileError } from "../../config/config-file.ts";
import type { AuditEntry, Changes } from "../../core/audit.ts";
import { addAuditEntry } from "../../store/audit/writer.ts";
import { WriteConflict } from "../../store/errors.ts";
import { addEvents } from "../../store/events/writer.ts";
import type { Conclude } from "../../store/recording/capture.ts";
import { recorded } from "../../store/recording/recorded.ts";
import type { Write } from "../../store/write.ts";
import { eventsOf } from "../audit/events.ts";
import type { CheckedFile } from "./check.ts";
import type { Difference } from "./difference.ts";
import type { PlanDeps } from "./draft.ts";
import { planOf } from "./plan.ts";

/** Other nodes may read the same file at the same moment: whoever comes second looks again. */
const ATTEMPTS = 5;

export interface ApplyDeps extends PlanDeps {
  /** Rejects with WriteConflict and StoreUnavailable. */
  commit(writes: readonly Write[], conclude: Conclude): Promise<void>;
  /** Brings the control plane up to date. */
  catchUp(): Promise<void>;
}

/**
 * Makes the store be as the file says, in one commit with its entry in the audit log. Gives what was changed. Throws
 * ConfigFileError, having changed nothing, where what the file says does not fit what there is.
 */
export async function applyFile(
  path: string,
  file: CheckedFile,
  deps: ApplyDeps,
): Promise<readonly Difference[]> {
  for (let attempt = 1; ; attempt++) {
    const { writes, differences, issues } = planOf(file.declared, deps);
    if (issues.length > 0) throw new ConfigFileError(path, file.problemsAt(issues));
    if (writes.length === 0) return [];
    try {
      await deps.commit(writes, (effects) => conclusion(effects, path, differences, deps));
      await deps.catchUp();
      return differences;
    } catch (error) {
      if (!(error instanceof WriteConflict) || attempt === ATTEMPTS) throw error;
      await deps.catchUp();
    }
  }
}

/** Leaves an entry for a file that was refused. */
export async function recordRefusal(path: string, deps: ApplyDeps): Promise<void> {
  const entry = entryOf(path, deps.clock.now());
  await deps.commit(
    [addAuditEntry({ ...entry, status: "FAILURE", errorCode: "VALIDATION_ERROR" })],
    () => [],
  );
}

function conclusion(
  effects: Parameters<Conclude>[0],
  path: string,
  differences: readonly Difference[],
  { snapshot, clock }: ApplyDeps,
): readonly Write[] {
  const entry = entryOf(path, clock.now());
  const done = effects.map(recorded);
  const events = eventsOf(done, entry.id, snapshot, entry.at);
  const changes: Changes = Object.fromEntries(
    differences.map(({ section, name, change, fields }) => {
      const before = change === "create" ? null : "present";
      return [
        `${section}.${name}`,
        [before, fields.length === 0 ? change : `${change}: ${fields.join(", ")}`],
      ];
    }),
  );
  return [...addEvents(events), addAuditEntry({ ...entry, changes })];
}

function entryOf(path: string, at: number): AuditEntry {
  return {
    id: newId("audit", at),
    at,
    action: "config_file.apply",
    actorType: "system",
    resourceType: "config_file",
    resourceId: path,
    status: "SUCCESS",
    count: 1,
    changes: {},
  };
}
