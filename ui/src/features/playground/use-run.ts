import { useEffect, useRef, useState } from "react";
import { useApp } from "../../app-context.ts";
import { run } from "./run.ts";
import type { Answer, ChatBody } from "./run.ts";

/** One call after another, each broken off by the next, by its reader, or when the page is left. */
export function useRun() {
  const { announcement } = useApp();
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<unknown>();
  const [isRunning, setIsRunning] = useState(false);
  const calling = useRef<AbortController>(undefined);
  useEffect(() => () => calling.current?.abort(), []);
  const send = async (key: string, body: ChatBody): Promise<void> => {
    calling.current?.abort();
    const call = new AbortController();
    calling.current = call;
    setAnswer(undefined);
    setError(undefined);
    setIsRunning(true);
    try {
      setAnswer(await run(key, body, call.signal, setAnswer));
      announcement.set("The answer is complete.");
    } catch (failure) {
      // The next one has taken its place, or its reader has stopped it.
      if (!call.signal.aborted) setError(failure);
    } finally {
      if (calling.current === call) setIsRunning(false);
    }
  };
  return { answer, error, isRunning, send, stop: () => calling.current?.abort() };
}
