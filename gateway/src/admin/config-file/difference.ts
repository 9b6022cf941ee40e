import type { DeclaredKind } from "./schema.ts";

/** One thing that is not as the file says. */
export interface Difference {
  readonly section: DeclaredKind;
  /** Its name in the file. */
  readonly name: string;
  /** Absent for what is still to be made. */
  readonly id?: string;
  /** `adopt`: the store has it already, and it becomes the file's. */
  readonly change: "create" | "adopt" | "update" | "delete";
  /** What of it is to be another. */
  readonly fields: readonly string[];
}

/** The fields in which two objects of one kind differ, in the words of the API. */
export function fieldsApart<Thing extends object>(former: Thing, next: Thing): string[] {
  const [before, after] = [new Map(Object.entries(former)), new Map(Object.entries(next))];
  const names = new Set([...before.keys(), ...after.keys()]);
  names.delete("declaredAs");
  return [...names]
    .filter((name) => !Bun.deepEquals(before.get(name), after.get(name)))
    .map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}
