import type { Migration } from "./migration.ts";

/** The pictures of models. */
export const modelAvatars: Migration = {
  version: 36,
  name: "model_avatars",
  async up({ schema }) {
    await schema.alterTable("models").addColumn("avatar", "text").execute();
  },
};
