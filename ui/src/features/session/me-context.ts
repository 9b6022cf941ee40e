import { createContext, use } from "react";
import type { Me } from "../../api/types.ts";

/** Filled by the shell. */
export const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in. Throws outside of the shell. */
export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error("nobody is signed in around this component");
  return me;
}
