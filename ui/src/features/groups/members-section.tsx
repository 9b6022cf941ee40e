import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Group, User } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { AccessStatus } from "../users/facts.tsx";
import { UserPicker } from "../users/user-picker.tsx";
import { groupPath, membersQuery } from "./queries.ts";

const REFRESH = ["members", "groups", "users"];

function memberPath(group: Group, userId: string): string {
  return `${groupPath(group.id)}/members/${encodeURIComponent(userId)}`;
}

/** Who is in a group; users come and go one by one. */
export function MembersSection({ group }: { group: Group }): ReactNode {
  const { api } = useApp();
  const [cursor, setCursor] = useState<string>();
  const [leaving, setLeaving] = useState<User>();
  const members = useQuery(membersQuery(api, group.id, cursor));
  const items = members.data?.items ?? [];
  return (
    <Section title="Members">
      <div className="grid gap-5">
        <AddMember group={group} />
        {members.error && <FailureNotice error={members.error} onRetry={() => void members.refetch()} />}
        {members.data && items.length === 0 && <p className="text-muted">Nobody is in this group yet.</p>}
        {items.length > 0 && (
          <DataTable
            caption="Members"
            columns={columns(setLeaving)}
            rows={items}
            isInset
            keyOf={({ id }) => id}
          />
        )}
        <Pager isFurther={cursor !== undefined} nextCursor={members.data?.nextCursor} onGo={setCursor} />
        {leaving && <RemoveMember group={group} user={leaving} onClose={() => setLeaving(undefined)} />}
      </div>
    </Section>
  );
}

function columns(onRemove: (user: User) => void): readonly Column<User>[] {
  return [
    {
      header: "Name",
      isHeader: true,
      cell: ({ id, display_name: name, email }) => (
        <div className="min-w-28">
          <Link
            to="/access/users/$userId"
            params={{ userId: id }}
            className="block max-w-64 font-medium break-words text-accent hover:underline"
          >
            {name}
          </Link>
          <span className="block max-w-64 text-xs break-all text-muted">{email}</span>
        </div>
      ),
    },
    { header: "Status", hiddenBelow: "sm", cell: ({ status }) => <AccessStatus status={status} /> },
    {
      header: "Actions",
      align: "right",
      cell: (user) => (
        <Button variant="quiet" aria-label={`Remove ${user.display_name}`} onClick={() => onRemove(user)}>
          Remove
        </Button>
      ),
    },
  ];
}

function AddMember({ group }: { group: Group }): ReactNode {
  const { api } = useApp();
  const [userId, setUserId] = useState("");
  const add = useAction({
    call: () => api.data("PUT", memberPath(group, userId)),
    refresh: REFRESH,
    said: () => "The user is in the group.",
    onDone: () => setUserId(""),
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (userId !== "") add.run();
      }}
    >
      {add.error && <FailureNotice error={add.error} />}
      <UserPicker tenantId={group.tenant_id} value={userId} onPick={setUserId} nobody="Choose one…" />
      <div>
        <Button type="submit" busy={add.isPending}>
          Add to the group
        </Button>
      </div>
    </form>
  );
}

interface RemoveMemberProps {
  readonly group: Group;
  readonly user: User;
  readonly onClose: () => void;
}

function RemoveMember({ group, user, onClose }: RemoveMemberProps): ReactNode {
  const { api } = useApp();
  const remove = useAction({
    call: () => api.data("DELETE", memberPath(group, user.id)),
    refresh: REFRESH,
    said: () => "The user has left the group.",
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title="Take this user out of the group?"
      action="Remove"
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{user.display_name}</strong> loses the group's roles, but for those that are mapped to stay.
      </p>
    </ConfirmDialog>
  );
}
