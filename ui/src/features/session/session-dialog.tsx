import type { ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Me } from "../../api/types.ts";
import { Dialog } from "../../components/dialog.tsx";
import { useObservable } from "../../lib/observable.ts";
import { CredentialsForm } from "./credentials-form.tsx";

/** Asks to sign in again where one is: the page beneath keeps what was typed. */
export function SessionDialog({ me }: { me: Me }): ReactNode {
  const { session, announcement } = useApp();
  const queries = useQueryClient();
  if (useObservable(session) === "active") return null;
  const resume = (userId: string): void => {
    // Somebody else may have signed in: what is known was told to another person.
    if (userId !== me.user.id) return void queries.resetQueries();
    announcement.set("Signed in again. Nothing that was typed is lost.");
    void queries.invalidateQueries();
  };
  return (
    <Dialog title="Your session has ended">
      <p className="text-muted">
        Sign in again to go on. What you have typed on this page is still there; repeat your last step
        afterwards.
      </p>
      <CredentialsForm email={me.user.email} onDone={resume} />
    </Dialog>
  );
}
