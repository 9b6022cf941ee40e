import type { ErrorWords } from "./fault-words.ts";

/** By what an error says that its model is unknown there, whatever its status: some answer 400 where others say 404. */
export interface UnknownModelSigns {
  /** In lower case. */
  readonly codes: ReadonlySet<string>;
  /** From its beginning, so that what a caller wrote and an upstream quotes is not taken for it. */
  readonly sentence: RegExp;
}

/** Whether an error says that the upstream does not know, or has no more, the model it was asked for. */
export function isUnknownModel(
  { codes, message = "", field }: ErrorWords,
  signs: UnknownModelSigns,
): boolean {
  // What is wrong with any other field is its caller's affair.
  if (field !== undefined && !/(?:^|\.)model$/.test(field)) return false;
  return codes.some((code) => signs.codes.has(code)) || signs.sentence.test(message);
}
