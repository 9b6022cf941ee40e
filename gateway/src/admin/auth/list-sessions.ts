import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { Session } from "../../core/tenancy.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { demandPermission } from "../../access/demand.ts";
import { administeredUser } from "../users/administered.ts";

const sessionView = z
  .strictObject({
    id: z.string(),
    user_id: z.string(),
    created_at: timestamp,
    last_seen_at: timestamp,
    user_agent: z.string().optional(),
    current: z.boolean().describe("Whether this call was made with it."),
  })
  .meta({ id: "SignInSession" });

export const listSessions = adminEndpoint({
  method: "GET",
  path: "/v1/auth/sessions",
  access: "signed_in",
  tag: "Sign-in",
  summary: "Where you are signed in; for administrators also where a user is",
  costBearing: false,
  errors: ["NOT_FOUND"],
  query: z.strictObject({ ...pageQuery, user_id: z.string().optional() }),
  response: sessionView,
  list: true,
  async handle({ principal, query }, deps) {
    let userId = principal.user.id;
    if (query.user_id !== undefined && query.user_id !== userId) {
      demandPermission(principal, ["users:manage"]);
      ({ id: userId } = await administeredUser(query.user_id, principal, deps));
    }
    const sessions = [...deps.snapshot.sessions()].filter((session) => session.userId === userId);
    const page = pageOf(sessions, (session) => session.id, query);
    const items = page.items.map((session) =>
      viewSession(session, deps.activity.sessionLastSeen(session), principal),
    );
    return { kind: "page", page: { ...page, items } };
  },
});

function viewSession(session: Session, lastSeen: number, { proof }: Principal): z.infer<typeof sessionView> {
  return {
    id: session.id,
    user_id: session.userId,
    created_at: isoTime(session.createdAt),
    last_seen_at: isoTime(lastSeen),
    ...(session.userAgent !== undefined && { user_agent: session.userAgent }),
    current: proof.kind === "session" && proof.session.id === session.id,
  };
}
