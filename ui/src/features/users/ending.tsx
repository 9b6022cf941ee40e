import { useState } from "react";
import type { ReactNode } from "react";
import { useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { User } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Section } from "../../components/page.tsx";
import { userPath } from "./queries.ts";

interface EndingProps {
  readonly user: Versioned<User>;
  readonly onReload: () => void;
}

/** Suspension, its end, and deletion of a user. */
export function Ending({ user: { data, version }, onReload }: EndingProps): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"suspend" | "delete">();
  const isActive = data.status === "active";
  const question = asking === "delete" ? "delete" : isActive ? "suspend" : "resume";
  const close = (): void => setAsking(undefined);
  const suspend = useAction({
    call: () => {
      const body = { status: isActive ? "suspended" : "active" };
      return api.data("PATCH", userPath(data.id), { body, ifVersion: version });
    },
    refresh: ["users"],
    said: () => (isActive ? "Suspended." : "Resumed."),
    onDone: close,
  });
  const remove = useAction({
    call: () => api.data("DELETE", userPath(data.id)),
    refresh: ["users", "api-keys"],
    said: () => "Deleted.",
    onDone: () => void navigate({ to: "/access/users" }),
  });
  return (
    <Section title="Suspend or delete">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking("suspend")}>{isActive ? "Suspend" : "Resume"}</Button>
        <Button onClick={() => setAsking("delete")}>Delete</Button>
      </div>
      {asking !== undefined && (
        <ConfirmDialog
          {...QUESTIONS[question]}
          isPending={suspend.isPending || remove.isPending}
          error={asking === "delete" ? remove.error : suspend.error}
          onConfirm={() => (asking === "delete" ? remove : suspend).run()}
          onReload={suspend.afresh(onReload)}
          onClose={close}
        >
          <p className="break-words">
            <strong>{data.display_name}</strong>: {CONSEQUENCES[question]}
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const QUESTIONS = {
  suspend: { title: "Suspend this user?", action: "Suspend", isDanger: true },
  resume: { title: "Let this user go on?", action: "Resume", isDanger: false },
  delete: { title: "Delete this user?", action: "Delete", isDanger: true },
} as const;
const CONSEQUENCES = {
  suspend: "keys and sessions are refused from now on, and what is in flight is cut. Nothing is lost.",
  resume: "keys work again, and a person can sign in.",
  delete:
    "keys are revoked, sessions ended, name and e-mail forgotten; the usage stays. This cannot be undone.",
} as const;
