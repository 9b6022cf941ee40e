import type { Credentials } from "./catalogue.ts";
import { type Fault, FaultError } from "./fault.ts";

const REDACTED = "(redacted)";
/** Keys that servers without keys are given (`none`, `ollama`) are shorter: words that answers are made of. */
const SECRET_CHARS_MIN = 16;

/** What the fault of one call may go on to say, to the trace, the log and the caller. */
export interface Teller {
  /** What the upstream was shown. */
  readonly credentials: Credentials;
  /** Whether the caller asked for the fault. */
  readonly simulated: boolean;
}

/** A text of an upstream without the credential it was shown: some quote it, whatever its form. */
export function withoutCredentials(text: string, { apiKey, secrets }: Credentials): string {
  const told = apiKey === undefined || apiKey === "" ? text : text.replaceAll(apiKey, REDACTED);
  return secrets === undefined ? told : secrets.reduce(withoutOne, told);
}

/** As it is, and as JSON writes it. */
function withoutOne(text: string, secret: string): string {
  const written = JSON.stringify(secret).slice(1, -1);
  const told = text.replaceAll(secret, REDACTED);
  return written === secret ? told : told.replaceAll(written, REDACTED);
}

/**
 * The JSON text of an answer without the credential, as long as that can be told from ordinary words. Before it is
 * read: whatever is made of the text knows nothing of it then.
 */
export function withoutSecret(text: string, credentials: Credentials): string {
  const { apiKey = "", secrets = [] } = credentials;
  const isKey = apiKey.length >= SECRET_CHARS_MIN;
  if (!isKey && secrets.length === 0) return text;
  // Nearly every text: without an escape a key can only stand there as it is.
  if (secrets.length === 0 && !text.includes("\\") && !text.includes(apiKey)) return text;
  const told = withoutCredentials(text, isKey ? credentials : { secrets });
  // Some writers of JSON escape slashes, or more than they have to; looked for where there is such a thing alone.
  if (!ESCAPED_ASCII.test(told) && !told.includes("\\/")) return told;
  const hidden = isKey ? [apiKey, ...secrets] : secrets;
  return hidden.reduce((rest, secret) => rest.replace(spellingsOf(secret), REDACTED), told);
}

/** A printable character of ASCII, written as its number. */
const ESCAPED_ASCII = /\\u00[2-7]/;

/** All ways in which JSON may write a text. */
function spellingsOf(text: string): RegExp {
  const characters = text.split("").map((character) => {
    const number = character.charCodeAt(0).toString(16).padStart(4, "0");
    const digits = number
      .split("")
      .map((digit) => `[${digit}${digit.toUpperCase()}]`)
      .join("");
    return `(?:\\\\?${RegExp.escape(character)}|\\\\u${digits})`;
  });
  return new RegExp(characters.join(""), "g");
}

/** The error as it may be passed on; whatever is not a fault stays as it is. */
export function toldFault(error: unknown, { credentials, simulated }: Teller): unknown {
  if (!(error instanceof FaultError)) return error;
  const { reason, publicReason, field, upstreamId, ...rest } = error.fault;
  const told: Fault = {
    ...rest,
    reason: withoutCredentials(reason, credentials),
    ...(publicReason !== undefined && { publicReason: withoutCredentials(publicReason, credentials) }),
    ...(field !== undefined && { field: withoutCredentials(field, credentials) }),
    ...(upstreamId !== undefined && { upstreamId: withoutCredentials(upstreamId, credentials) }),
    ...(simulated && { simulated }),
  };
  return new FaultError(told);
}
