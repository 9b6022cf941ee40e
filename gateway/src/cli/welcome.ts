import { COMMAND } from "./called-as.ts";

/** What a start tells the person who made it. */
export interface Welcome {
  readonly url: string;
  /** Where keys and usage are kept, in words. */
  readonly store: string;
  /** A model that answers without any account. */
  readonly model: string;
  /** A line about each provider that this start has found and added. */
  readonly found: readonly string[];
  /** The first key, at the first start alone: it is never shown again. */
  readonly firstKey: string | undefined;
  /** A one-time link for the first administrator, until there is one. */
  readonly claim: string | undefined;
}

/** A curl line that works as pasted. */
export function curlLine(url: string, key: string, model: string): string {
  const body = JSON.stringify({
    model,
    messages: [{ role: "user", content: "Write a haiku about distributed systems." }],
  });
  return (
    `curl ${url}/v1/inference/chat -H "Authorization: Bearer ${key}" ` +
    `-H "Content-Type: application/json" -d '${body}'`
  );
}

/** The words of the welcome. */
export function welcomeText({ url, store, model, found, firstKey, claim }: Welcome): string {
  if (firstKey === undefined) {
    const added = foundLines(found).map((line) => `${line}\n`);
    return `\nScaiGrid is ready at ${url}\nKeys and usage are those of ${store}\n${added.join("")}${claimLines(claim)}\n`;
  }
  return [
    "",
    `ScaiGrid is ready at ${url}`,
    "",
    ...(found.length === 0 ? [] : [...foundLines(found), ""]),
    ...(claim === undefined
      ? []
      : ["Become its administrator, with this one-time link:", "", `  ${claim}`, ""]),
    "Your first API key, shown only now:",
    "",
    `  ${firstKey}`,
    "",
    "Try it:",
    "",
    `  ${curlLine(url, firstKey, model)}`,
    "",
    "Add a provider of your own, from another terminal in this folder:",
    "",
    `  ${COMMAND} providers add openai --key-env OPENAI_API_KEY --model gpt-4o`,
    "",
    `Everything is kept in ${store}. Ctrl+C stops it.`,
    "",
    "",
  ].join("\n");
}

/** The words of a start that does background work alone. */
export function workerText(url: string): string {
  return `\nScaiGrid is ready for background work; health and metrics are at ${url}\n\n`;
}

function foundLines(found: readonly string[]): string[] {
  if (found.length === 0) return [];
  return [
    "Found here and added (SCAIGRID_DETECT=off leaves them alone):",
    ...found.map((line) => `  ${line}`),
  ];
}

function claimLines(claim: string | undefined): string {
  return claim === undefined
    ? ""
    : `Nobody administers it yet; this one-time link makes you the administrator:\n\n  ${claim}\n`;
}
