import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { traceQuery } from "../../api/queries.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { Section } from "../../components/page.tsx";
import { formatCount, formatMoney, formatWholeMs } from "../../lib/format.ts";
import type { Answer } from "./run.ts";

interface AnswerViewProps {
  readonly answer: Answer | undefined;
  readonly isRunning: boolean;
}

/** What the model says, and how long and how much it took. */
export function AnswerView({ answer, isRunning }: AnswerViewProps): ReactNode {
  return (
    <Section
      title="Answer"
      actions={answer !== undefined && answer.text !== "" && <CopyButton text={answer.text} what="answer" />}
    >
      <div className="grid gap-4" aria-busy={isRunning}>
        {answer === undefined && (
          <p className="text-muted">{isRunning ? "Waiting…" : "Nothing was asked yet."}</p>
        )}
        {answer !== undefined && answer.reasoning !== "" && (
          <details>
            <summary className="text-sm font-medium text-muted">What it thought</summary>
            <p className="mt-2 break-words whitespace-pre-wrap text-muted">{answer.reasoning}</p>
          </details>
        )}
        {answer && (
          <p data-testid="answer" className="break-words whitespace-pre-wrap">
            {answer.text}
          </p>
        )}
        {answer && <AnswerFacts answer={answer} isDone={!isRunning} />}
      </div>
    </Section>
  );
}

function AnswerFacts({ answer, isDone }: { answer: Answer; isDone: boolean }): ReactNode {
  const { requestId, firstMs, totalMs, tokensIn, tokensOut, finish } = answer;
  return (
    <Facts
      facts={[
        ["First content after", firstMs === undefined ? undefined : formatWholeMs(firstMs)],
        ["In all", totalMs === undefined ? undefined : formatWholeMs(totalMs)],
        ["Tokens in", tokensIn === undefined ? undefined : formatCount(tokensIn)],
        ["Tokens out", tokensOut === undefined ? undefined : formatCount(tokensOut)],
        ["Ended because of", finish],
        ["Cost", isDone && requestId !== undefined ? <Cost key="cost" requestId={requestId} /> : undefined],
        [
          "Trace",
          requestId === undefined ? undefined : (
            <Link
              key="trace"
              to="/requests/$requestId"
              params={{ requestId }}
              className="font-mono text-xs break-all text-accent underline"
            >
              {requestId}
            </Link>
          ),
        ],
      ]}
    />
  );
}

/** Nothing where the key is one whose requests are not to be seen. */
function Cost({ requestId }: { requestId: string }): ReactNode {
  const { api } = useApp();
  const trace = useQuery({ ...traceQuery(api, requestId), retry: false });
  const cost = trace.data?.usage?.cost;
  return cost === undefined ? "–" : formatMoney(cost);
}
