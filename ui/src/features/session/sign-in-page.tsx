import type { ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { CredentialsForm } from "./credentials-form.tsx";
import { Entrance } from "./entrance.tsx";

const route = getRouteApi("/sign-in");

/** Where one comes from without a session. */
export function SignInPage(): ReactNode {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const enter = (): void => {
    // What the cache holds may be another person's.
    queries.clear();
    router.history.push(next ?? "/admin");
  };
  return (
    <Entrance title="Sign in" lead="With the account of this installation.">
      <CredentialsForm onDone={enter} />
      <details className="mt-6 border-t border-line pt-4 text-sm text-muted">
        <summary className="font-medium">No account yet, or the password is lost?</summary>
        <p className="mt-2">
          At its first start the gateway prints a link that makes the first administrator. To get a new one,
          run <code className="font-mono text-ink">npx scaigrid admin reset</code> on the machine it runs on.
        </p>
      </details>
    </Entrance>
  );
}
