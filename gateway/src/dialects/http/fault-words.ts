import { FaultError, type Fault, type FaultClass } from "../../core/fault.ts";
import { isUnknownModel, type UnknownModelSigns } from "./unknown-model.ts";

/** Characters of a fault's reason, and of what the caller is told of it. */
export const REASON_CHARS_MAX = 500;
/** Characters of the name of a field. */
export const FIELD_CHARS_MAX = 128;

/** Keys by their usual beginnings, bearer tokens, and long runs of letters and digits. */
const SECRET =
  /\b(?:sk|pk|rk|gsk|sgk|xai|pplx|nvapi|hf|fw|csk|tgp|key)[-_][\w*-]{8,}|\bAIza[\w-]{10,}|\bBearer\s+\S+|\b(?=[a-z]*\d)[a-z\d]{32,}/gi;

/** Many give no code for a prompt that is too long, only a sentence. */
const TOO_LONG =
  /context (?:length|window|size)|(?:prompt|input) is too long|too many (?:input )?tokens|input token count[^.]*exceeds/i;

/** What upstreams put into an error, whatever form they give it. */
export interface ErrorWords {
  readonly message?: string;
  /** The field of the request it is about. */
  readonly field?: string;
  /** From the most to the least telling. */
  readonly codes: readonly string[];
}

/** Whether an error's sentence says that the prompt does not fit. */
export function isTooLong({ message = "" }: ErrorWords): boolean {
  return TOO_LONG.test(message);
}

/**
 * A fault in the upstream's words: all of them for operators, for the caller only those about the request. `what`
 * says in which form the error came: `HTTP 400`; `unknown` by what it says that the model is.
 */
export function faultInWords(
  faultClass: FaultClass,
  words: ErrorWords,
  what: string,
  more: Pick<Fault, "status" | "retryAfterSeconds">,
  unknown?: UnknownModelSigns,
): Fault {
  const codes = words.codes.length > 0 ? ` (${words.codes.slice(0, 3).join(", ")})` : "";
  const said = words.message === undefined ? "" : `: ${withoutSecrets(words.message)}`;
  const concernsRequest =
    faultClass === "bad_request" || faultClass === "context_length" || faultClass === "content_filter";
  const unknownModel =
    faultClass === "bad_request" && unknown !== undefined && isUnknownModel(words, unknown);
  // These speak of the model or path we were configured with, which is not the caller's affair.
  const isOurs = unknownModel || more.status === 404;
  const told = concernsRequest && !isOurs ? publicSentence(words.message ?? "") : "";
  return {
    class: faultClass,
    reason: `${what}${codes}${said}`.slice(0, REASON_CHARS_MAX),
    ...(told !== "" && { publicReason: told }),
    ...(concernsRequest && words.field !== undefined && { field: words.field }),
    ...(unknownModel && { unknownModel }),
    ...more,
  };
}

/** The answer cannot be understood. */
export function shapeFault(reason: string): FaultError {
  return new FaultError({ class: "shape", reason });
}

/** Plain text and HTML are for operators only, and only their beginning: they come from proxies. */
export function wordsOfText(text: string): ErrorWords {
  if (text === "") return { codes: ["empty body"] };
  const kind = text.startsWith("<") ? "HTML" : "text";
  return { codes: [`${kind} body of ${text.length} characters`] };
}

/** Addresses and account names name the upstream, and some quote the key they were given: none of it goes further. */
function publicSentence(message: string): string {
  return withoutSecrets(message)
    .replaceAll(/\b(?:https?:\/\/|www\.)\S+/gi, "(link)")
    .replaceAll(/\barn:[\w-]+:\S+/gi, "(name)");
}

function withoutSecrets(message: string): string {
  const short = message.slice(0, REASON_CHARS_MAX).replaceAll(/\s+/g, " ").trim();
  return short.replaceAll(SECRET, "(redacted)");
}
