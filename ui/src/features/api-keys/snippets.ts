/** What a snippet is made of. */
export interface SnippetParts {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}

const PROMPT = "Say hello in one sentence.";
const CHAT_PATH = "/v1/inference/chat";

/** The key and the address, as programs read them from their environment. */
export function envFile({ baseUrl, key }: Omit<SnippetParts, "model">): string {
  return `SCAIGRID_BASE_URL=${baseUrl}\nSCAIGRID_API_KEY=${key}\n`;
}

/** A line for a shell. */
export function curlSnippet({ baseUrl, key, model }: SnippetParts): string {
  const message = JSON.stringify({ role: "user", content: PROMPT });
  const body = `{\n    "model": ${JSON.stringify(model)},\n    "messages": [${message}]\n  }`;
  return [
    `curl ${baseUrl}${CHAT_PATH} \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body.replaceAll("'", `'\\''`)}'`,
  ].join("\n");
}

/** For Python with httpx. */
export function pythonSnippet({ baseUrl, key, model }: SnippetParts): string {
  return `# pip install httpx
import httpx

response = httpx.post(
    "${baseUrl}${CHAT_PATH}",
    headers={"Authorization": "Bearer ${key}"},
    json={
        "model": ${JSON.stringify(model)},
        "messages": [{"role": "user", "content": "${PROMPT}"}],
    },
    timeout=60,
)
response.raise_for_status()
print(response.json()["data"]["choices"][0]["message"]["content"])
`;
}

/** For TypeScript and JavaScript, without a package. */
export function typescriptSnippet({ baseUrl, key, model }: SnippetParts): string {
  return `const response = await fetch("${baseUrl}${CHAT_PATH}", {
  method: "POST",
  headers: {
    "Authorization": "Bearer ${key}",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    model: ${JSON.stringify(model)},
    messages: [{ role: "user", content: "${PROMPT}" }],
  }),
});
if (!response.ok) throw new Error(await response.text());
const { data } = await response.json();
console.log(data.choices[0].message.content);
`;
}
