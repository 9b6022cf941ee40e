import type { ReactNode } from "react";
import { asFailure } from "../api/failure.ts";
import type { ApiFailure } from "../api/failure.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icons.tsx";

const TONES = {
  good: "border-good bg-good-soft",
  warn: "border-warn bg-warn-soft",
  bad: "border-bad bg-bad-soft",
  plain: "border-line bg-raised",
} as const;
export type Tone = keyof typeof TONES;

/** A box that says something about the page. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }): ReactNode {
  return <div className={`grid gap-2 rounded-lg border px-4 py-3 text-sm ${TONES[tone]}`}>{children}</div>;
}

/** A failure with all that helps: code, message, what to do, request id. Read out at once. */
export function FailureNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const failure = asFailure(error);
  return (
    <div role="alert">
      <Notice tone="bad">
        <p className="flex items-start gap-2 font-medium text-ink">
          <Icon name="alert" className="mt-0.5 size-4 text-bad" />
          <span className="min-w-0 break-words">{failure.message}</span>
        </p>
        <FailureFacts failure={failure} />
        {onRetry && (
          <div>
            <Button onClick={onRetry}>Try again</Button>
          </div>
        )}
      </Notice>
    </div>
  );
}

/**
 * The failure of a change. When somebody else has changed the same thing meanwhile, it says so and offers what is
 * there now.
 */
export function ChangeFailure({ error, onReload }: { error: unknown; onReload?: () => void }): ReactNode {
  const isOutdated = asFailure(error).presentVersion !== undefined;
  if (!isOutdated) return <FailureNotice error={error} />;
  return (
    <div role="alert">
      <Notice tone="warn">
        <p className="font-medium">Somebody else has changed this since it was shown to you.</p>
        <p>Nothing was overwritten. Reload it, look at what is there now, and make your change again.</p>
        {onReload && (
          <div>
            <Button onClick={onReload}>Reload</Button>
          </div>
        )}
      </Notice>
    </div>
  );
}

function FailureFacts({ failure }: { failure: ApiFailure }): ReactNode {
  const { hint, details, retryAfterSeconds, code, requestId } = failure;
  return (
    <>
      {hint !== undefined && <p className="break-words">{hint}</p>}
      {details.length > 0 && (
        <ul className="list-disc pl-5">
          {details.map(({ field, message }) => (
            <li key={`${field} ${message}`} className="break-words">
              <code className="font-mono text-xs">{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {retryAfterSeconds !== undefined && <p>Try again in {retryAfterSeconds} s.</p>}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <code className="font-mono">{code}</code>
        {requestId !== undefined && (
          <>
            <code className="font-mono break-all">{requestId}</code>
            <CopyButton text={requestId} what="request id" variant="quiet" isSmall />
          </>
        )}
      </p>
    </>
  );
}
