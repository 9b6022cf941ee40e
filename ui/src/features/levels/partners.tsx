import type { ReactNode } from "react";
import { getRouteApi } from "@tanstack/react-router";
import { CreateLevel } from "./create-level.tsx";
import { LevelPage } from "./level-view.tsx";
import { LevelsList } from "./levels-list.tsx";

const listRoute = getRouteApi("/shell/access/partners");
const oneRoute = getRouteApi("/shell/access/partners/$levelId");

/** Access → Partners. */
export function PartnersPage(): ReactNode {
  const navigate = listRoute.useNavigate();
  return (
    <LevelsList
      kind="partner"
      search={listRoute.useSearch()}
      onSearch={(search) => void navigate({ search })}
    />
  );
}

/** Access → Partners → Add. */
export function CreatePartnerPage(): ReactNode {
  return <CreateLevel kind="partner" />;
}

/** One partner. */
export function PartnerPage(): ReactNode {
  return <LevelPage kind="partner" id={oneRoute.useParams().levelId} />;
}
