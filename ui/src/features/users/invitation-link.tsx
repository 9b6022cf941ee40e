import type { ReactNode } from "react";
import type { Invitation } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";

/** A link that lets one person in, the only time it is shown. */
export function InvitationLink({ invitation }: { invitation: Invitation }): ReactNode {
  return (
    <Section title="Invitation" lead="Shown this once; it works once, and for this person alone.">
      <div className="grid gap-3">
        <code
          data-testid="invitation"
          className="rounded-lg border border-line bg-raised px-3 py-2.5 font-mono text-sm break-all select-all"
        >
          {invitation.link}
        </code>
        <div className="flex flex-wrap items-center gap-3">
          <CopyButton text={invitation.link} what="invitation link" variant="primary" />
          <span className="text-muted">
            Works until <Time iso={invitation.expires_at} />
          </span>
        </div>
      </div>
    </Section>
  );
}
