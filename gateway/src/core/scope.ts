/**
 * How far a caller's reads reach. Every read of tenant data is narrowed by one of these, in one place in the
 * store; a wider question than the caller's scope is refused, never silently narrowed.
 */
export type Scope =
  | { readonly level: "platform" }
  | { readonly level: "partner"; readonly partnerId: string }
  | { readonly level: "tenant"; readonly tenantId: string }
  | { readonly level: "user"; readonly tenantId: string; readonly userId: string };

export type ScopeLevel = Scope["level"];
