import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { User } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { ChangeFailure, FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Ticks } from "../../components/ticks.tsx";
import { formatName } from "../../lib/format.ts";
import { customRolesQuery, rolesQuery, userPath } from "./queries.ts";

interface RolesSectionProps {
  readonly user: Versioned<User>;
  /** Nobody changes their own. */
  readonly isSelf: boolean;
  readonly onReload: () => void;
}

/** The roles of a user as ticks. One that cannot be granted stays as it is. */
export function RolesSection({ user: { data, version }, isSelf, onReload }: RolesSectionProps): ReactNode {
  const { api } = useApp();
  const roles = useQuery(rolesQuery(api));
  const custom = useQuery(customRolesQuery(api, data.tenant_id));
  const [held, setHeld] = useState<ReadonlySet<string>>(heldBy(data));
  const [shown, setShown] = useState(version);
  if (shown !== version) {
    // Saved, or read anew: the ticks are those of what is there.
    setShown(version);
    setHeld(heldBy(data));
  }
  const save = useAction({
    call: () => {
      const wanted = (names: readonly string[]): string[] => names.filter((name) => held.has(name));
      const body = {
        roles: wanted((roles.data ?? []).map(({ name }) => name)),
        custom_role_ids: wanted((custom.data ?? []).map(({ id }) => id)),
      };
      return api.data("PUT", `${userPath(data.id)}/roles`, { body, ifVersion: version });
    },
    refresh: ["users"],
    said: () => "Saved the roles.",
  });
  const choices = [
    ...(roles.data ?? []).map(({ name, grantable }) => {
      return { name, words: formatName(name), isFixed: isSelf || !grantable };
    }),
    ...(custom.data ?? []).map(({ id, name }) => ({ name: id, words: name, isFixed: isSelf })),
  ];
  const error = roles.error ?? custom.error;
  return (
    <Section title="Roles" lead={isSelf ? "Your own are changed by another administrator." : undefined}>
      <div className="grid gap-4">
        {error && <FailureNotice error={error} />}
        {save.error && <ChangeFailure error={save.error} onReload={save.afresh(onReload)} />}
        <Ticks legend="Roles" isLegendHidden choices={choices} chosen={held} onChange={setHeld} />
        <div className="flex flex-wrap items-center gap-4">
          {!isSelf && roles.data && custom.data && (
            <Button variant="primary" busy={save.isPending} onClick={() => save.run()}>
              Save the roles
            </Button>
          )}
          <Link to="/access/roles" className="text-accent underline">
            What each role allows
          </Link>
        </div>
      </div>
    </Section>
  );
}

function heldBy({ roles, custom_role_ids: custom }: User): ReadonlySet<string> {
  return new Set([...roles, ...custom]);
}
