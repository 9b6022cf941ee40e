import type { z } from "zod";

/** A default as it would stand in the environment; some differ for people who start the gateway by hand. */
export type DefaultText = string | { readonly terminal: string; readonly otherwise: string };

interface VariableBase<Value> {
  readonly name: `SCAIGRID_${string}`;
  /** From the text of the environment to the value; its messages complete the sentence "<NAME> must be …". */
  readonly parse: z.ZodType<Value, string>;
  /** One or two sentences for the reference page. */
  readonly describes: string;
  /** A well-formed value for the reference page and for error messages. */
  readonly example: string;
  /** A value that must not be repeated in messages. */
  readonly secret?: true;
}

/** A variable that always has a value. */
export interface DefaultedVariable<Value> extends VariableBase<Value> {
  readonly default: DefaultText;
}

/** A variable that may be absent. */
export interface OptionalVariable<Value> extends VariableBase<Value> {
  readonly default?: never;
}

/** One row of the reference page. */
export type Variable = DefaultedVariable<unknown> | OptionalVariable<unknown>;

/** Keeps the type of the value while writing a row as a literal. */
export function defaulted<Value>(row: DefaultedVariable<Value>): DefaultedVariable<Value> {
  return row;
}

/** Keeps the type of the value while writing a row as a literal. */
export function optional<Value>(row: OptionalVariable<Value>): OptionalVariable<Value> {
  return row;
}
