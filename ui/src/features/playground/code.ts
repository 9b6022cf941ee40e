import type { ChatBody } from "./run.ts";

/** What code of a run is made of. The key stays out of it. */
export interface CodeParts {
  readonly baseUrl: string;
  readonly body: ChatBody;
}

/** The same call for a program that waits for the whole answer. */
function whole({ body }: CodeParts): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== "stream"));
}

/** For a shell. */
export function curlOf(parts: CodeParts): string {
  const json = JSON.stringify(parts.body, undefined, 2).replaceAll("'", `'\\''`);
  return [
    `curl -N ${parts.baseUrl}/v1/inference/chat \\`,
    `  -H "Authorization: Bearer $SCAIGRID_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${json}'`,
  ].join("\n");
}

/** For TypeScript and JavaScript, without a package. */
export function typescriptOf(parts: CodeParts): string {
  return `const response = await fetch("${parts.baseUrl}/v1/inference/chat", {
  method: "POST",
  headers: {
    "Authorization": \`Bearer \${process.env.SCAIGRID_API_KEY}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify(${JSON.stringify(whole(parts), undefined, 2).replaceAll("\n", "\n  ")}),
});
if (!response.ok) throw new Error(await response.text());
const { data } = await response.json();
console.log(data.choices[0].message.content);
`;
}

/** For Python with httpx. */
export function pythonOf(parts: CodeParts): string {
  return `# pip install httpx
import os

import httpx

response = httpx.post(
    "${parts.baseUrl}/v1/inference/chat",
    headers={"Authorization": f"Bearer {os.environ['SCAIGRID_API_KEY']}"},
    json=${literal(whole(parts), "    ")},
    timeout=60,
)
response.raise_for_status()
print(response.json()["data"]["choices"][0]["message"]["content"])
`;
}

/** A value as Python writes it: of JSON only the words for yes, no and nothing are others. */
function literal(value: unknown, indent: string): string {
  const within = `${indent}    `;
  if (Array.isArray(value))
    return list(
      "[",
      value.map((each) => literal(each, within)),
      "]",
      indent,
    );
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([name, each]) => `${JSON.stringify(name)}: ${literal(each, within)}`,
    );
    return list("{", entries, "}", indent);
  }
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null || value === undefined ? "None" : JSON.stringify(value);
}

function list(open: string, items: readonly string[], close: string, indent: string): string {
  return `${open}\n${items.map((item) => `${indent}    ${item},\n`).join("")}${indent}${close}`;
}
