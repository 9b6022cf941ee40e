import type { ReactNode } from "react";
import type { AuditEntry } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Facts } from "../../components/facts.tsx";
import { Time } from "../../components/time.tsx";

/** One entry: who, where from, and each field from and to. */
export function EntryDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }): ReactNode {
  const code = (text: string | undefined): ReactNode =>
    text === undefined ? undefined : <code className="font-mono text-xs break-all">{text}</code>;
  return (
    <Dialog title={entry.action} onClose={onClose} isWide>
      <Facts
        facts={[
          ["Time", <Time key="time" iso={entry.timestamp} />],
          ["Result", entry.status === "SUCCESS" ? "Done" : "Refused"],
          ["Code", code(entry.error_code)],
          ["By", entry.actor_email ?? entry.actor_type],
          ["Id of who did it", code(entry.actor_id)],
          ["Kind of object", code(entry.resource_type)],
          ["Id of the object", code(entry.resource_id)],
          ["Tenant", code(entry.tenant_id)],
          ["Address", code(entry.ip_address)],
          ["Client", entry.user_agent],
          ["Request", code(entry.request_id)],
          ["Times", entry.count > 1 ? String(entry.count) : undefined],
          ["Sealed", entry.sealed ? "Yes: part of the chain" : "Not yet"],
        ]}
      />
      <Changes changes={entry.changes} />
      <div className="flex flex-wrap justify-end gap-2">
        <CopyButton text={JSON.stringify(entry, null, 2)} what="entry as JSON" />
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

function Changes({ changes }: { changes: AuditEntry["changes"] }): ReactNode {
  const fields = Object.entries(changes);
  if (fields.length === 0) return <p className="text-muted">No field was changed.</p>;
  return (
    // The keyboard scrolls it.
    <div role="region" aria-label="Changes" tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse text-left text-xs">
        <caption className="pb-1 text-left text-sm font-semibold">Changes</caption>
        <thead>
          <tr className="border-b border-line text-muted">
            <th scope="col" className="py-1.5 pr-3 font-medium">
              Field
            </th>
            <th scope="col" className="py-1.5 pr-3 font-medium">
              From
            </th>
            <th scope="col" className="py-1.5 font-medium">
              To
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([name, [from, to]]) => (
            <tr key={name} className="border-b border-line align-top last:border-b-0">
              <th scope="row" className="py-1.5 pr-3 font-mono font-normal break-all">
                {name}
              </th>
              <Value of={from} />
              <Value of={to} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A value as it stands in JSON; a text without its quotation marks. */
function Value({ of: value }: { of: unknown }): ReactNode {
  const isNothing = value === null || value === undefined;
  const words = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <td className="max-w-56 py-1.5 pr-3 font-mono break-all">
      {isNothing ? <span className="text-muted">–</span> : words}
    </td>
  );
}
