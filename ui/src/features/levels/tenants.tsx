import type { ReactNode } from "react";
import { getRouteApi } from "@tanstack/react-router";
import { CreateLevel } from "./create-level.tsx";
import { LevelPage } from "./level-view.tsx";
import { LevelsList } from "./levels-list.tsx";

const listRoute = getRouteApi("/shell/access/tenants");
const oneRoute = getRouteApi("/shell/access/tenants/$levelId");

/** Access → Tenants. */
export function TenantsPage(): ReactNode {
  const navigate = listRoute.useNavigate();
  return (
    <LevelsList
      kind="tenant"
      search={listRoute.useSearch()}
      onSearch={(search) => void navigate({ search })}
    />
  );
}

/** Access → Tenants → Add. */
export function CreateTenantPage(): ReactNode {
  return <CreateLevel kind="tenant" />;
}

/** One tenant. */
export function TenantPage(): ReactNode {
  return <LevelPage kind="tenant" id={oneRoute.useParams().levelId} />;
}
