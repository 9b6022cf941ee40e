import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { Group } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { OnePage } from "../../components/one-page.tsx";
import { PageHeader } from "../../components/page.tsx";
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
    <OnePage list="/access/groups" listName="Groups" title="Group" query={group}>
      {(data) => <GroupView group={data} onReload={async () => (await group.refetch()).data} />}
    </OnePage>
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
  const navigate = useNavigate();
  return (
    <DeleteDialog
      title="Delete this group?"
      path={groupPath(group.id)}
      refresh={["groups", "model-access"]}
      onDone={() => void navigate({ to: "/access/groups" })}
      onClose={onClose}
    >
      <strong>{group.name}</strong> is gone for good; its members stay. One that still gives a role, or that a
      rule of model access names, is not deleted.
    </DeleteDialog>
  );
}
