import { JsonProblem, parseJson } from "../base/json.ts";
import { ApiError } from "../errors.ts";

/** Parses a JSON body. Throws ApiError VALIDATION_ERROR with the place of what is wrong. */
export function parseJsonBody(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text);
  } catch (problem) {
    if (!(problem instanceof JsonProblem)) throw problem;
    throw new ApiError("VALIDATION_ERROR", "The body is not valid JSON for this gateway.", {
      details: [{ field: problem.path ?? "body", message: problem.message }],
    });
  }
}
