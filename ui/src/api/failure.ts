/** One field at fault: a JSON path into the body, `header.<name>` or `query.<name>`. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** The gateway did not answer at all, or something between it and the browser answered in its place. */
export const UNREACHABLE = "UNREACHABLE";

export interface FailureInit {
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;
  readonly code: string;
  readonly hint?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly details?: readonly FieldProblem[];
  /** The version that a change was not made to: somebody else has changed the thing meanwhile. */
  readonly presentVersion?: string | undefined;
}

/** A call that was refused or failed, as people are told of it. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly details: readonly FieldProblem[];
  readonly presentVersion: string | undefined;

  constructor(message: string, init: FailureInit) {
    super(message);
    this.name = "ApiFailure";
    this.status = init.status;
    this.code = init.code;
    this.hint = init.hint;
    this.requestId = init.requestId;
    this.retryAfterSeconds = init.retryAfterSeconds;
    this.details = init.details ?? [];
    this.presentVersion = init.presentVersion;
  }

  /** What is wrong with a field of the body, if anything. */
  problemOf(field: string): string | undefined {
    return this.details.find((detail) => detail.field === field)?.message;
  }

  /** What is wrong with a list, or with its first entry at fault. */
  problemUnder(field: string): string | undefined {
    const entry = this.details.find((detail) => detail.field.startsWith(`${field}[`));
    if (!entry) return this.problemOf(field);
    return `No. ${Number.parseInt(entry.field.slice(field.length + 1), 10) + 1} ${entry.message}`;
  }
}

/** The failure of a call that got no answer of the gateway's own. */
export function unreachable(status: number): ApiFailure {
  return new ApiFailure("The gateway did not answer.", {
    status,
    code: UNREACHABLE,
    hint: "It may be restarting; this page tries again by itself.",
  });
}

/** Whatever was thrown, as a failure that can be shown. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiFailure(message, { status: 0, code: "INTERFACE_ERROR", hint: "Reload the page." });
}
