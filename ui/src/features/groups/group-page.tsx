import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { Group } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader } from "../../components/page.tsx";
import { GroupDialog } from "./group-dialog.tsx";
import { MappingsSection } from "./mappings-section.tsx";
import { MembersSection } from "./members-section.tsx";
import { groupPath, groupQuery } from "./queries.ts";

const route = getRouteApi("/shell/access/groups/$groupId");

/** One group: who is in it, and which roles that gives them. */
export function GroupPage(): ReactNode {
  const { api } = useApp();
  const { groupId } = route.useParams();
  const group = useQuery(groupQuery(api, groupId));
  return (
    <>
      <BackLink to="/access/groups">Groups</BackLink>
      {group.data === undefined && <PageHeader title="Group" />}
      {group.isPending && <Loading what="the group" />}
      {group.error && <FailureNotice error={group.error} onRetry={() => void group.refetch()} />}
      {group.data && <GroupView group={group.data} onReload={async () => (await group.refetch()).data} />}
    </>
  );
}

interface GroupViewProps {
  readonly group: Versioned<Group>;
  readonly onReload: () => Promise<Versioned<Group> | undefined>;
}

function GroupView({ group, onReload }: GroupViewProps): ReactNode {
  const { data } = group;
  const [editing, setEditing] = useState<Versioned<Group>>();
  const [isDeleting, setIsDeleting] = useState(false);
  return (
    <>
      <PageHeader
        title={data.name}
        lead={data.description}
        actions={
          <>
            <Button onClick={() => setEditing(group)}>Edit</Button>
            <Button onClick={() => setIsDeleting(true)}>Delete</Button>
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <MappingsSection group={data} />
        <MembersSection group={data} />
      </div>
      {editing && (
        <GroupDialog
          key={editing.version}
          group={editing}
          onReload={() => void onReload().then(setEditing)}
          onDone={() => setEditing(undefined)}
          onClose={() => setEditing(undefined)}
        />
      )}
      {isDeleting && <DeleteGroup group={data} onClose={() => setIsDeleting(false)} />}
    </>
  );
}

function DeleteGroup({ group, onClose }: { group: Group; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const remove = useAction({
    call: () => api.data("DELETE", groupPath(group.id)),
    refresh: ["groups", "model-access"],
    said: () => "Deleted.",
    onDone: () => void navigate({ to: "/access/groups" }),
  });
  return (
    <ConfirmDialog
      title="Delete this group?"
      action="Delete"
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{group.name}</strong> is gone for good; its members stay. One that still gives a role, or that
        a rule of model access names, is not deleted.
      </p>
    </ConfirmDialog>
  );
}
