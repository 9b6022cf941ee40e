import { useState } from "react";
import type { ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { CreatedApiKey } from "../../api/types.ts";
import { PageHeader } from "../../components/page.tsx";
import { CreateForm } from "./create-form.tsx";
import { KeyReveal } from "./key-reveal.tsx";

/**
 * Access → API Keys → Create: first the form, then the key, which is nowhere but in this component's memory and is
 * gone with it.
 */
export function CreateApiKeyPage(): ReactNode {
  const [created, setCreated] = useState<CreatedApiKey>();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const leave = (): void => void navigate({ to: "/access/api-keys" });
  if (created === undefined) {
    return (
      <>
        <PageHeader
          title="Create API key"
          lead="One key for each program: then one can be revoked without the others."
        />
        <CreateForm
          onCreated={(key) => {
            setCreated(key);
            void queries.invalidateQueries({ queryKey: ["api-keys"] });
          }}
          onCancel={leave}
        />
      </>
    );
  }
  return <KeyReveal created={created} onDone={leave} />;
}
