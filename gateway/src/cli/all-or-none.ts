import { z } from "zod";
import type { Api, NamesOfFields } from "./api.ts";
import type { Output } from "./output.ts";

const made = z.object({ id: z.string() });

/** Makes one thing of the API and gives its id. */
export type Make = (path: string, body: object) => Promise<string>;

/**
 * Makes several things one after the other; what was made before a step failed is taken back. Throws what that step threw.
 */
export async function allOrNone<Result>(
  api: Api,
  names: NamesOfFields,
  output: Output,
  steps: (make: Make) => Promise<Result>,
): Promise<Result> {
  const undo: { readonly path: string; readonly id: string }[] = [];
  try {
    return await steps(async (path, body) => {
      const { id } = await api.call("POST", path, made, body, names);
      undo.unshift({ path, id });
      return id;
    });
  } catch (error) {
    for (const { path, id } of undo) await takeBack(api, path, id, output);
    throw error;
  }
}

async function takeBack(api: Api, path: string, id: string, output: Output): Promise<void> {
  try {
    await api.call("DELETE", `${path}/${id}`, z.unknown());
  } catch (error) {
    output.note(`${path}/${id} was made and could not be taken back (${String(error)}): delete it by hand`);
  }
}
