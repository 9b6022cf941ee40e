import { z } from "zod";
import type { Api } from "./api.ts";
import type { Output } from "./output.ts";

const claim = z.object({ link: z.string(), expires_at: z.string() });

/** `scaigrid admin reset`: prints a one-time link that makes an administrator. */
export async function adminReset(api: Api, output: Output): Promise<void> {
  const { link, expires_at } = await api.call("POST", "/v1/auth/claims", claim);
  output.data(link);
  output.note(`Open it in a browser before ${expires_at}. It works once, and earlier links no longer do.`);
}
