import type { ReactNode } from "react";
import type { Outcome } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";

/** How a request ended, in words. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  completed: "Completed",
  client_gone: "Caller left",
  failed: "Failed",
  refused: "Refused",
};
const TONES: Readonly<Record<Outcome, BadgeTone>> = {
  completed: "good",
  client_gone: "plain",
  failed: "bad",
  refused: "warn",
};

/** How a request ended. */
export function OutcomeBadge({ outcome }: { outcome: Outcome }): ReactNode {
  return <Badge tone={TONES[outcome]}>{OUTCOME_WORDS[outcome]}</Badge>;
}
