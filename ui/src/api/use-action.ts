import { useRef } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApp } from "../app-context.ts";

interface ActionOptions<Input, Result> {
  readonly call: (input: Input) => Promise<Result>;
  /** First part of the keys of what has to be read anew afterwards. */
  readonly refresh?: readonly string[];
  /** What a screen reader is told afterwards. */
  readonly said?: (result: Result, input: Input) => string;
  readonly onDone?: (result: Result, input: Input) => void;
}

/** A change, made once for each time it is asked for, however fast the clicks follow each other. */
export function useAction<Input = void, Result = unknown>(options: ActionOptions<Input, Result>) {
  const { announcement } = useApp();
  const queries = useQueryClient();
  // State is only seen at the next drawing: between the two clicks of a double click there may be none.
  const isUnderWay = useRef(false);
  const action = useMutation({
    mutationFn: options.call,
    // An answer may hold what is shown once: it is not kept beside the page.
    gcTime: 0,
    onSuccess: async (result, input) => {
      const stale = options.refresh ?? [];
      await Promise.all(stale.map((name) => queries.invalidateQueries({ queryKey: [name] })));
      if (options.said) announcement.set(options.said(result, input));
      options.onDone?.(result, input);
    },
    onSettled: () => {
      isUnderWay.current = false;
    },
  });
  const run = (input: Input): void => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    action.mutate(input);
  };
  /** What a button does that leaves the failure behind and goes on. */
  const afresh = (next: () => void) => (): void => {
    action.reset();
    next();
  };
  const { isPending, error, data: result } = action;
  return { run, isPending, error, result, afresh };
}
