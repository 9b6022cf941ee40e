import type { ReactNode } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Me } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { ThemePicker } from "../../components/theme-picker.tsx";

/** Who is signed in, where, and the way out. */
export function Account({ me }: { me: Me }): ReactNode {
  const { api } = useApp();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => api.data("POST", "/v1/auth/logout"),
    onSuccess: async () => {
      await navigate({ to: "/sign-in" });
      queries.clear();
    },
  });
  return (
    <div className="mt-4 grid gap-3 border-t border-line pt-4">
      <div className="min-w-0 px-3">
        <Link
          to="/account"
          className="block truncate rounded font-medium hover:underline"
          title={`Your account: ${me.user.email ?? me.user.display_name}`}
        >
          {me.user.email ?? me.user.display_name}
        </Link>
        <p className="truncate text-xs text-muted">
          {me.tenant.display_name} · {me.roles.map((role) => role.replaceAll("_", " ")).join(", ")}
        </p>
      </div>
      {leave.error && <FailureNotice error={leave.error} />}
      <div className="flex items-center justify-between gap-2">
        <Button variant="quiet" busy={leave.isPending} onClick={() => leave.mutate()}>
          <Icon name="exit" />
          Sign out
        </Button>
        <ThemePicker />
      </div>
    </div>
  );
}
