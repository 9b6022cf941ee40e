import type { DeclaredEndpoint } from "./declared.ts";

const VERBS = { GET: "get", POST: "create", PUT: "replace", PATCH: "update", DELETE: "delete" } as const;

/** The name of an operation in generated clients: its own, or verb and noun of its method and path. */
export function operationIdOf({ operationId, method, path, list }: DeclaredEndpoint): string {
  if (operationId !== undefined) return operationId;
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== "v1");
  const noun = segments.findLast((segment) => !segment.startsWith("{")) ?? "root";
  const isOne = method === "POST" || segments.at(-1)?.startsWith("{") === true;
  const verb = list === true ? "list" : VERBS[method];
  return verb + pascal(isOne ? singular(noun) : noun);
}

/** `api-keys` → `ApiKeys`, `listModels` → `ListModels`. */
export function pascal(name: string): string {
  return name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function singular(noun: string): string {
  if (noun.endsWith("ies")) return `${noun.slice(0, -3)}y`;
  return noun.replace(/s$/, "");
}
