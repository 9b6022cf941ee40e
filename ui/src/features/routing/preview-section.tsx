import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { RoutingPreview } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { formatName, formatWholeMs } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { policyPath } from "./queries.ts";

interface Asked {
  readonly isStream: boolean;
  readonly needs: string;
  readonly user: string;
}

function bodyOf({ isStream, needs, user }: Asked): object {
  const names = needs.split(/[\s,]+/).filter((name) => name !== "");
  return { stream: isStream, needs: names, ...(user.trim() !== "" && { user: user.trim() }) };
}

/** Which backend a request would get now, and why. Nothing is sent or spent. */
export function PreviewSection({ policyId }: { policyId: string }): ReactNode {
  const { api } = useApp();
  const [asked, setAsked] = useState<Asked>({ isStream: false, needs: "", user: "" });
  const preview = useAction({
    call: () => api.data<RoutingPreview>("POST", `${policyPath(policyId)}/preview`, { body: bodyOf(asked) }),
    said: ({ reason }) => reason,
  });
  const failure = preview.error ? asFailure(preview.error) : undefined;
  if (!may(useMe(), "routing:manage")) return null;
  return (
    <Section
      title="Which backend would a request get?"
      lead="By the policy as it is saved, and as the backends do now. Nothing is sent or spent."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          preview.run();
        }}
      >
        <Fields asked={asked} onChange={setAsked} failure={failure} />
        <div>
          <Button type="submit" busy={preview.isPending}>
            Preview
          </Button>
        </div>
        {failure && <FailureNotice error={failure} />}
        {preview.result && !failure && <Result preview={preview.result} />}
      </form>
    </Section>
  );
}

interface FieldsProps {
  readonly asked: Asked;
  readonly onChange: (asked: Asked) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ asked, onChange, failure }: FieldsProps): ReactNode {
  return (
    <div className="grid items-start gap-4 sm:grid-cols-3">
      <TextField
        label="Needs"
        autoComplete="off"
        spellCheck={false}
        value={asked.needs}
        onChange={(event) => onChange({ ...asked, needs: event.target.value })}
        placeholder="tools, vision"
        problem={failure?.problemUnder("needs")}
      />
      <TextField
        label="User"
        autoComplete="off"
        value={asked.user}
        onChange={(event) => onChange({ ...asked, user: event.target.value })}
        hint="Where the policy keeps a user's requests together."
        problem={failure?.problemOf("user")}
      />
      <label className="flex min-h-9 items-center gap-2 sm:mt-7">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-accent"
          checked={asked.isStream}
          onChange={(event) => onChange({ ...asked, isStream: event.target.checked })}
        />
        As a stream
      </label>
    </div>
  );
}

type Candidate = RoutingPreview["candidates"][number];

function Result({ preview: { backend_id: id, reason, candidates } }: { preview: RoutingPreview }): ReactNode {
  const first = candidates.find((each) => each.backend_id === id);
  return (
    <div className="grid gap-4">
      <Notice tone={id === undefined ? "warn" : "good"}>
        <p className="break-words">
          {id === undefined ? "No backend" : <strong>{first?.uri ?? id}</strong>}: {reason}
        </p>
      </Notice>
      {candidates.length > 0 && (
        <DataTable
          caption="Backends in the order in which they would be asked"
          columns={COLUMNS}
          rows={candidates}
          isInset
          keyOf={({ backend_id: backendId, model }) => `${model} ${backendId}`}
        />
      )}
    </div>
  );
}

const COLUMNS: readonly Column<Candidate>[] = [
  { header: "No.", align: "right", cell: ({ order }) => order ?? "–" },
  {
    header: "Backend",
    isHeader: true,
    cell: ({ uri, backend_id: id, model }) => (
      <div className="min-w-28">
        <code className="block max-w-72 font-mono text-xs break-all">{uri ?? id}</code>
        <span className="block max-w-72 text-xs break-all text-muted">for {model}</span>
      </div>
    ),
  },
  {
    header: "Circuit",
    hiddenBelow: "sm",
    cell: ({ circuit_state: state }) =>
      state === undefined ? (
        "–"
      ) : (
        <Badge tone={state === "closed" ? "good" : state === "open" ? "bad" : "warn"}>
          {formatName(state)}
        </Badge>
      ),
  },
  {
    header: "Latency",
    align: "right",
    hiddenBelow: "md",
    cell: ({ latency_ms: ms }) => (ms === undefined ? "–" : formatWholeMs(ms)),
  },
  { header: "In flight", align: "right", hiddenBelow: "lg", cell: ({ in_flight: count }) => count ?? "–" },
  {
    header: "Share",
    align: "right",
    hiddenBelow: "md",
    cell: ({ share }) => (share === undefined ? "–" : `${Math.round(share * 100)} %`),
  },
  {
    header: "Why",
    cell: ({ reason }) => <span className="block max-w-lg min-w-40 break-words">{reason}</span>,
  },
];
