import createClient from "openapi-fetch";
import type { components, paths } from "../../../ui/src/api/schema.d.ts";

/** A program as somebody outside would write it: with the generated types and nothing of ours. */

export type ErrorResponse = components["schemas"]["ErrorResponse"];

/** Answers come as JSON or, for streams, as events: this client asks for JSON. */
export function clientOf(baseUrl: string, key: string) {
  return createClient<paths, "application/json">({ baseUrl, headers: { authorization: `Bearer ${key}` } });
}

export type Client = ReturnType<typeof clientOf>;

/** The slugs of all models, page after page. */
export async function allSlugs(client: Client, limit: number): Promise<string[]> {
  const slugs: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit, ...(cursor !== null && { cursor }) };
    const { data } = await client.GET("/v1/models", { params: { query } });
    if (!data) throw new Error("the models were refused");
    slugs.push(...data.data.items.map((model) => model.slug));
    cursor = data.pagination.next_cursor;
  } while (cursor !== null);
  return slugs;
}

/** One question and its answer. */
export async function ask(client: Client, model: string, content: string): Promise<string> {
  const { data, error } = await client.POST("/v1/inference/chat", {
    body: { model, messages: [{ role: "user", content }] },
  });
  if (error) throw new Error(error.error.code);
  return data.data.choices[0]?.message.content ?? "";
}

/** Makes a key and gives what is shown once. */
export async function makeKey(client: Client, name: string): Promise<{ id: string; key: string }> {
  const { data, error } = await client.POST("/v1/api-keys", { body: { name } });
  if (error) throw new Error(error.error.code);
  return { id: data.data.id, key: data.data.key };
}

export async function revokeKey(client: Client, keyId: string): Promise<boolean> {
  const { data } = await client.DELETE("/v1/api-keys/{key_id}", { params: { path: { key_id: keyId } } });
  return data?.data.deleted === true;
}

/** Request ids of the newest usage records. */
export async function usedBy(client: Client, keyId: string): Promise<string[]> {
  const query = { api_key_id: keyId, limit: 10 };
  const { data } = await client.GET("/v1/accounting/usage", { params: { query } });
  return (data?.data.items ?? []).map((record) => record.request_id);
}

/** What a question for a model that does not exist is answered with. */
export async function refusedModel(client: Client, slug: string): Promise<ErrorResponse | undefined> {
  const { error } = await client.GET("/v1/models/{slug}", { params: { path: { slug } } });
  return error;
}

/** Mistakes that the types catch before anything is sent; never called. */
export async function mistakes(client: Client): Promise<void> {
  // @ts-expect-error -- there is no such path
  await client.GET("/v1/modles");
  // @ts-expect-error -- the body needs messages
  await client.POST("/v1/inference/chat", { body: { model: "a/b" } });
  // @ts-expect-error -- a limit is a number
  await client.GET("/v1/models", { params: { query: { limit: "ten" } } });
  // @ts-expect-error -- a key needs a name
  await client.POST("/v1/api-keys", { body: {} });
}
