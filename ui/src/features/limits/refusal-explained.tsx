import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import type { Trace } from "../../api/types.ts";
import { Facts } from "../../components/facts.tsx";
import { Notice } from "../../components/notice.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { SCOPE_WORDS } from "../budgets/standing.ts";
import { budgetRefusalOf, isLimitRefusal, roomAgainAt } from "./refusal.ts";
import type { BudgetRefusal } from "./refusal.ts";

/** Which limit or budget refused a request, by how much, what would have fitted, and when there is room again. */
export function RefusalExplained({ trace }: { trace: Trace }): ReactNode {
  const { refusal, error_code: code } = trace;
  if (!isLimitRefusal(code)) return <NotByALimit trace={trace} />;
  if (!refusal) return <p>It was refused as {code}. By how much was not recorded at the time.</p>;
  const budget = budgetRefusalOf(trace);
  return (
    <div className="grid gap-4">
      <Notice tone="warn">
        <p className="font-medium break-words">{refusal.message}</p>
        {refusal.hint !== undefined && <p className="break-words">{refusal.hint}</p>}
      </Notice>
      {budget ? <ByBudget budget={budget} trace={trace} /> : <ByRate trace={trace} />}
    </div>
  );
}

function NotByALimit({
  trace: { outcome, error_code: code, http_status: status },
}: {
  trace: Trace;
}): ReactNode {
  if (outcome === "completed") return <p>Nothing blocked this request: it was answered.</p>;
  return (
    <p>
      No limit and no budget blocked this request. It ended{status !== undefined && ` with HTTP ${status}`}
      {code !== undefined && (
        <>
          {" and "}
          <code className="font-mono text-xs font-semibold">{code}</code>
        </>
      )}
      ; its trace says more.
    </p>
  );
}

function ByBudget({ budget, trace }: { budget: BudgetRefusal; trace: Trace }): ReactNode {
  const { figures, affordableTokens, scope, budgetId } = budget;
  return (
    <>
      <Facts
        facts={[
          [
            "Refused by",
            <>
              the budget of the {SCOPE_WORDS[scope]},{" "}
              <Link
                to="/limits"
                hash={budgetId}
                className="font-mono text-xs break-all text-accent underline"
              >
                {budgetId}
              </Link>
            </>,
          ],
          ["What it measures", budget.measure],
          ["Asked for, at the most", figures?.required],
          ["Was left", figures?.remaining],
          ["Too much by", figures && <strong key="missing">{figures.missing}</strong>],
          ["Limit", figures?.limit],
          ["Spent then", figures?.spent],
          ["Reserved then", figures?.reserved],
          ["There is room again", <WhenFree key="free" budget={budget} trace={trace} />],
        ]}
      />
      {affordableTokens !== undefined && (
        <p>It would have fitted with max_tokens of at most {formatCount(Number(affordableTokens))}.</p>
      )}
      {affordableTokens === undefined && !budget.isReserved && budget.measure !== "requests" && (
        <p>No shorter answer would have fitted: what was sent alone may cost more than was left.</p>
      )}
    </>
  );
}

function WhenFree({ budget, trace }: { budget: BudgetRefusal; trace: Trace }): ReactNode {
  const soon = roomAgainAt(trace);
  if (budget.isReserved) {
    return (
      <>
        as soon as requests in flight end: ask again from {soon === undefined ? "now" : <Time iso={soon} />}{" "}
        on
      </>
    );
  }
  if (budget.resetsAt === undefined) return "when its limit is raised: it never begins anew";
  return (
    <>
      <Time iso={budget.resetsAt} />, or when its limit is raised
    </>
  );
}

function ByRate({ trace }: { trace: Trace }): ReactNode {
  const again = roomAgainAt(trace);
  if (again === undefined) return null;
  return (
    <Facts
      facts={[
        ["Refused by", "a limit of requests or tokens in any 60 seconds, or at once"],
        ["There was room again", <Time key="again" iso={again} />],
      ]}
    />
  );
}
