import { build, type Write } from "../write.ts";

/** Sets a fact of the installation, whatever it was. */
export function putSetting(key: string, value: string): Write {
  return {
    statement: build
      .insertInto("settings")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value })),
    about: "setting",
  };
}

/** Sets a fact that must not be there yet: two processes at their first start agree on one. Conflicts: `taken`. */
export function addSetting(key: string, value: string): Write {
  return { statement: build.insertInto("settings").values({ key, value }), about: "setting", expectRows: 1 };
}

/** Removes a fact, whatever it was. */
export function removeSetting(key: string): Write {
  return { statement: build.deleteFrom("settings").where("key", "=", key), about: "setting" };
}
