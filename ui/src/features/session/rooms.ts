import type { IconName } from "../../components/icons.tsx";
import type { Me } from "../../api/types.ts";

/** A page of the navigation, and the permissions of which its calls need one. */
export interface Room {
  readonly to:
    | "/access/api-keys"
    | "/access/audit-log"
    | "/access/groups"
    | "/access/model-access"
    | "/access/partners"
    | "/access/roles"
    | "/access/tenants"
    | "/access/users"
    | "/limits"
    | "/models"
    | "/nodes"
    | "/overview"
    | "/playground"
    | "/prices"
    | "/providers"
    | "/requests"
    | "/routing"
    | "/settings"
    | "/usage";
  readonly label: string;
  readonly icon: IconName;
  readonly group?: "Access";
  readonly permissions: readonly string[];
}

const ROOMS: readonly Room[] = [
  { to: "/overview", label: "Overview", icon: "home", permissions: ["accounting:view_own"] },
  { to: "/playground", label: "Playground", icon: "play", permissions: ["models:use"] },
  { to: "/models", label: "Models", icon: "cube", permissions: ["models:list"] },
  { to: "/prices", label: "Prices", icon: "tag", permissions: ["accounting:manage_prices"] },
  { to: "/providers", label: "Providers", icon: "plug", permissions: ["platform:manage"] },
  { to: "/routing", label: "Routing", icon: "route", permissions: ["platform:manage", "routing:view"] },
  { to: "/requests", label: "Requests", icon: "list", permissions: ["accounting:view_own"] },
  { to: "/usage", label: "Usage", icon: "chart", permissions: ["accounting:view_own"] },
  { to: "/limits", label: "Limits", icon: "gauge", permissions: ["accounting:view_own", "users:manage"] },
  { to: "/nodes", label: "Nodes", icon: "server", permissions: ["platform:manage"] },
  { to: "/settings", label: "Settings", icon: "sliders", permissions: ["admin:access"] },
  {
    to: "/access/api-keys",
    label: "API Keys",
    icon: "key",
    group: "Access",
    permissions: ["api_keys:manage"],
  },
  { to: "/access/users", label: "Users", icon: "users", group: "Access", permissions: ["users:manage"] },
  { to: "/access/groups", label: "Groups", icon: "circles", group: "Access", permissions: ["users:manage"] },
  { to: "/access/roles", label: "Roles", icon: "shield", group: "Access", permissions: ["users:manage"] },
  {
    to: "/access/model-access",
    label: "Model access",
    icon: "lock",
    group: "Access",
    permissions: ["users:manage"],
  },
  {
    to: "/access/tenants",
    label: "Tenants",
    icon: "building",
    group: "Access",
    permissions: ["partner:manage"],
  },
  {
    to: "/access/partners",
    label: "Partners",
    icon: "handshake",
    group: "Access",
    permissions: ["platform:manage"],
  },
  {
    to: "/access/audit-log",
    label: "Audit log",
    icon: "history",
    group: "Access",
    permissions: ["admin:access", "accounting:view_partner"],
  },
];

/** Whether someone holds a permission. */
export function may(me: Me, permission: string): boolean {
  return me.permissions.includes(permission);
}

/** What someone is shown in the navigation: nothing that would only refuse them. */
export function roomsOf(me: Me): readonly Room[] {
  return ROOMS.filter((room) => room.permissions.some((permission) => may(me, permission)));
}
