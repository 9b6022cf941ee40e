import type { ApiReply } from "../harness/api.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";

/** Somebody with a key, who calls the API with it. */
export class Caller {
  readonly #gateway: Pick<Gateway, "api">;
  readonly userId: string;
  readonly key: string;

  constructor(gateway: Pick<Gateway, "api">, userId: string, key: string) {
    this.#gateway = gateway;
    this.userId = userId;
    this.key = key;
  }

  call(method: string, path: string, body?: object): Promise<ApiReply> {
    return this.#gateway.api(method, path, { key: this.key, ...(body && { body }) });
  }
}

/** The id an answer gives to what was made. Throws with the answer when nothing was. */
export function madeId(reply: ApiReply): string {
  const id = pickText(reply.body, "data.id");
  if (reply.status !== 201 || id === "") throw new Error(`nothing was made: ${reply.text}`);
  return id;
}

let slugs = 0;

/** A slug no other has. */
export function freshSlug(stem: string): string {
  slugs += 1;
  return `${stem}-${slugs}`;
}

/** Makes a partner, with the platform's hands. */
export async function addPartner(
  gateway: Pick<Gateway, "api">,
  slug = freshSlug("partner"),
): Promise<string> {
  return madeId(await gateway.api("POST", "/v1/partners", { body: { slug, display_name: slug } }));
}

/** Makes a tenant of a partner, with the platform's hands. */
export async function addTenant(
  gateway: Pick<Gateway, "api">,
  partnerId?: string,
  slug = freshSlug("tenant"),
): Promise<string> {
  const body = { slug, display_name: slug, ...(partnerId !== undefined && { partner_id: partnerId }) };
  return madeId(await gateway.api("POST", "/v1/tenants", { body }));
}

export interface CallerOptions {
  readonly roles: readonly string[];
  readonly tenantId?: string;
}

/** Makes a service user with a key of their own, with the platform's hands. */
export async function addCaller(
  gateway: Pick<Gateway, "api">,
  { roles, tenantId }: CallerOptions,
): Promise<Caller> {
  const name = roles.join("+") || "without roles";
  const body = {
    display_name: name,
    kind: "service",
    roles,
    ...(tenantId !== undefined && { tenant_id: tenantId }),
  };
  const userId = madeId(await gateway.api("POST", "/v1/users", { body }));
  return new Caller(gateway, userId, await addKey(gateway, userId));
}

/** A new key of a user. */
export async function addKey(
  gateway: Pick<Gateway, "api">,
  userId: string,
  more: object = {},
): Promise<string> {
  const body = { name: "given", assigned_user_id: userId, ...more };
  return pickText((await gateway.api("POST", "/v1/api-keys", { body })).body, "data.key");
}
