import type { IconName } from "../../components/icons.tsx";
import type { Me } from "../../api/types.ts";

/** A page of the navigation, and the permission its calls need. */
export interface Room {
  readonly to: "/access/api-keys" | "/models" | "/requests";
  readonly label: string;
  readonly icon: IconName;
  readonly group?: string;
  readonly permission: string;
}

const ROOMS: readonly Room[] = [
  { to: "/models", label: "Models", icon: "cube", permission: "models:list" },
  { to: "/requests", label: "Requests", icon: "list", permission: "accounting:view_own" },
  { to: "/access/api-keys", label: "API Keys", icon: "key", group: "Access", permission: "api_keys:manage" },
];

/** Whether someone holds a permission. */
export function may(me: Me, permission: string): boolean {
  return me.permissions.includes(permission);
}

/** What someone is shown in the navigation: nothing that would only refuse them. */
export function roomsOf(me: Me): readonly Room[] {
  return ROOMS.filter((room) => may(me, room.permission));
}
