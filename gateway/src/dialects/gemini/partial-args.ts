import { isList, isObject } from "../../base/json.ts";

/** Steps of a path, and places of a list, that are followed. */
const DEPTH_MAX = 64;
const ITEMS_MAX = 100_000;

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

type Step = string | number;
type Place = Record<Step, unknown>;

/**
 * The arguments of a call that comes in pieces: each says where in the arguments it belongs (`$.items[0].name`) and
 * holds a value, or more of a text that is there already.
 */
export class PartialArguments {
  readonly #root: Place = emptyObject();
  #skipped = 0;

  /** Puts one piece in its place; what has none is counted. */
  add(piece: unknown): void {
    const steps = isObject(piece) ? stepsOf(piece["jsonPath"]) : undefined;
    const value = isObject(piece) ? valueOf(piece) : undefined;
    if (steps === undefined || value === undefined || !put(this.#root, steps, value)) this.#skipped++;
  }

  /** Pieces that had no place. */
  get skipped(): number {
    return this.#skipped;
  }

  /** All of it as JSON text. */
  text(): string {
    return JSON.stringify(this.#root);
  }
}

/** Without a prototype: `__proto__` is a name like any other. */
function emptyObject(): Place {
  return Object.create(null) as Place;
}

function stepsOf(path: unknown): readonly Step[] | undefined {
  if (typeof path !== "string" || !path.startsWith("$")) return undefined;
  const steps: Step[] = [];
  for (STEP.lastIndex = 1; STEP.lastIndex < path.length;) {
    const step = STEP.exec(path);
    if (step === null || steps.length >= DEPTH_MAX) return undefined;
    const [, name, place, single, double] = step;
    steps.push(
      place === undefined ? (name ?? (single ?? double ?? "").replaceAll(/\\(.)/g, "$1")) : Number(place),
    );
  }
  return steps.length === 0 ? undefined : steps;
}

/** The value of a piece; undefined where it has none. */
function valueOf(piece: Record<string, unknown>): string | number | boolean | null | undefined {
  const { stringValue, numberValue, boolValue } = piece;
  if (typeof stringValue === "string") return stringValue;
  if (typeof numberValue === "number") return numberValue;
  if (typeof boolValue === "boolean") return boolValue;
  return "nullValue" in piece ? null : undefined;
}

function put(root: Place, steps: readonly Step[], value: unknown): boolean {
  let at: Place = root;
  for (const [i, step] of steps.entries()) {
    // A list grows by one place at a time, or a single piece could ask for a billion of them.
    if (isList(at) !== (typeof step === "number")) return false;
    if (isList(at) && (Number(step) > at.length || Number(step) >= ITEMS_MAX)) return false;
    const present = at[step];
    if (i === steps.length - 1) {
      at[step] = typeof present === "string" && typeof value === "string" ? present + value : value;
      return true;
    }
    if (typeof present === "object" && present !== null) at = present as Place;
    else if (present === undefined)
      at = at[step] = (typeof steps[i + 1] === "number" ? [] : emptyObject()) as Place;
    else return false;
  }
  return false;
}
