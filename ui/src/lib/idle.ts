import { useEffect, useState } from "react";

const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/**
 * Whether nobody has touched the page for `idleMs`. What polls stops then: otherwise an abandoned page would keep
 * its session alive for as long as it stays open.
 */
export function useIsIdle(idleMs: number): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    let timer = setTimeout(() => setIsIdle(true), idleMs);
    const touched = (): void => {
      clearTimeout(timer);
      setIsIdle(false);
      timer = setTimeout(() => setIsIdle(true), idleMs);
    };
    for (const name of INPUTS) addEventListener(name, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const name of INPUTS) removeEventListener(name, touched);
    };
  }, [idleMs]);
  return isIdle;
}
