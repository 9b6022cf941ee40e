import type { ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { buttonClass } from "../../components/button.tsx";
import { CredentialsForm } from "./credentials-form.tsx";
import { Entrance } from "./entrance.tsx";

/**
 * Makes the first administrator, or lets in somebody who was invited. The token stands behind the `#`, the part of an address that browsers send to
 * no one.
 */
export function ClaimPage(): ReactNode {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const token = given.get("token");
  const isInvitation = given.get("kind") === "invitation";
  if (token === null || token === "") {
    return (
      <Entrance
        title="This link is not complete"
        lead="It has no token. Copy the whole line that the gateway printed, or that you were sent."
      >
        <p className="mb-4">
          For a new link, run <code className="font-mono">npx scaigrid admin reset</code> on the machine the
          gateway runs on.
        </p>
        <Link to="/sign-in" className={buttonClass("secondary")}>
          Sign in instead
        </Link>
      </Entrance>
    );
  }
  const enter = (): void => {
    queries.clear();
    // In place of this address, so that the used token does not stay in the history.
    void navigate({ to: "/", replace: true });
  };
  if (isInvitation) {
    return (
      <Entrance
        title="Welcome to ScaiGrid"
        lead="Give the e-mail address you were invited with, and choose your password."
      >
        <CredentialsForm claimToken={token} action="Set the password" onDone={enter} />
      </Entrance>
    );
  }
  return (
    <Entrance title="Claim this installation" lead="Choose how its administrator signs in from now on.">
      <CredentialsForm claimToken={token} action="Create the administrator" onDone={enter} />
    </Entrance>
  );
}
