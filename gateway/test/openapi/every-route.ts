import type { Operation } from "../../src/http/openapi/operations.ts";

/**
 * The text of a program that calls every operation as somebody outside would write it, one function each. It compiles
 * only if each path, method, parameter and body is in the generated types, and each answer can be read through them.
 */
export function everyRouteProgram(operations: readonly Operation[]): string {
  const calls = operations.map((operation) => {
    const init = initOf(operation);
    return `  ${JSON.stringify(operation.id)}: async (client: Client${init.includes(" of(") ? ", of: Of" : ""}) => {
    const { data, error, response } = await client.${operation.method}(${JSON.stringify(operation.path)}${init});
    return { ${readOf(operation)}, error, status: response.status };
  },`;
  });
  return `import createClient from "openapi-fetch";
import type { paths } from "../../ui/src/api/schema.d.ts";

export function clientOf(baseUrl: string, key: string) {
  return createClient<paths, "application/json">({ baseUrl, headers: { authorization: \`Bearer \${key}\` } });
}
type Client = ReturnType<typeof clientOf>;
/** What a call is about, by the name of the parameter. */
type Of = (name: string) => string;
type BodyOf<Route> = Route extends { requestBody?: { content: { "application/json": infer Body } } } ? Body : never;

export const everyRoute = {
${calls.join("\n")}
};
`;
}

/** Its parameters, its body, and how the answer is to be read. */
function initOf(operation: Operation): string {
  const { method, path, parameters, body } = operation;
  const places = (["path", "query"] as const).flatMap((place) => {
    const needed = parameters.filter((parameter) => parameter.in === place && parameter.required);
    const pairs = needed.map(({ name }) => `${JSON.stringify(name)}: of(${JSON.stringify(name)})`);
    return pairs.length === 0 ? [] : [`${place}: { ${pairs.join(", ")} }`];
  });
  const members = [
    places.length === 0 ? "" : `params: { ${places.join(", ")} }`,
    body === undefined ? "" : `body: {} as BodyOf<paths[${JSON.stringify(path)}]["${method.toLowerCase()}"]>`,
    isFile(operation) ? `parseAs: "text"` : "",
  ].filter((member) => member !== "");
  return members.length === 0 ? "" : `, { ${members.join(", ")} }`;
}

/** Whether the answer is, or can be, something else than JSON; streams are for those who ask for them. */
function isFile({ kind, contentType, alsoContentTypes }: Operation): boolean {
  return contentType !== "application/json" || (kind === "management" && alsoContentTypes.length > 0);
}

/** What is read of an answer through its type. */
function readOf(operation: Operation): string {
  const { kind, door, isList } = operation;
  const isEnveloped = (kind === "management" || kind === "public") && door === "native";
  if (!isEnveloped || isFile(operation)) return "data";
  return `data: data?.data${isList ? ".items" : ""}, requestId: data?.meta.request_id`;
}
