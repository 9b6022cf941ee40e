import { z } from "zod";

const schema = z.object({
  type: z.literal("service_account"),
  client_email: z.string().min(1),
  private_key: z.string().includes("PRIVATE KEY"),
  private_key_id: z.string().optional(),
  project_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default("https://oauth2.googleapis.com/token"),
});

/** The key file of an account at Google, as its console gives it. */
export type ServiceAccount = z.output<typeof schema>;

/** Reads such a file; undefined where the text is none. */
export function serviceAccountIn(text: string): ServiceAccount | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
