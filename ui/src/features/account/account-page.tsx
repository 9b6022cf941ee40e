import type { ReactNode } from "react";
import { Facts } from "../../components/facts.tsx";
import { PageHeader, Section } from "../../components/page.tsx";
import { formatName } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { PasswordSection } from "./password-section.tsx";
import { SessionsSection } from "./sessions-section.tsx";

/** One's own account: who one is here, the password, and where one is signed in. */
export function AccountPage(): ReactNode {
  const me = useMe();
  const { user, tenant, partner, roles } = me;
  return (
    <>
      <PageHeader title="Your account" lead="Only you see this page." />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Section title="You">
          <Facts
            facts={[
              ["Name", user.display_name],
              ["E-mail", user.email],
              ["Roles", roles.length === 0 ? "None" : roles.map(formatName).join(", ")],
              ["Tenant", tenant.display_name],
              ["Partner", partner.display_name],
              [
                "Id",
                <code key="id" className="font-mono text-xs break-all">
                  {user.id}
                </code>,
              ],
            ]}
          />
        </Section>
        {user.email !== undefined && <PasswordSection email={user.email} />}
        <SessionsSection />
      </div>
    </>
  );
}
