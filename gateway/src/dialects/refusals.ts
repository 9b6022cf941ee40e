import { isObject } from "../base/json.ts";
import type { ChatRequest } from "../core/chat.ts";
import type { Issue } from "../core/dialect.ts";

/** A field of the request that costs money for which there is no price. */
export interface UnpricedField {
  readonly field: string;
  /** Values that cost nothing extra. Absent and null always pass. */
  readonly isFree?: (value: unknown) => boolean;
  readonly message: string;
}

export const NO_PRICE = "costs extra and has no price here";

/** Of these fields those that a request asks money for. */
export function unpricedIssues(request: ChatRequest, fields: readonly UnpricedField[]): Issue[] {
  const issues: Issue[] = [];
  for (const { field, isFree, message } of fields) {
    const value = request[field];
    if (value === undefined || value === null || isFree?.(value) === true) continue;
    issues.push({ field, message });
  }
  return issues;
}

/** Tools that the provider runs itself. A model's default parameters reach this too, which no door has checked. */
export function hostedToolIssues(request: ChatRequest): Issue[] {
  const tools: readonly unknown[] = request.tools ?? [];
  return tools.flatMap((tool, i) =>
    isObject(tool) && tool["type"] === "function"
      ? []
      : [
          {
            field: `tools[${i}].type`,
            message: `must be "function": a tool that the provider runs ${NO_PRICE}; run one of your own in its place`,
          },
        ],
  );
}
