import { demandPermission } from "../../access/demand.ts";
import { isInReach, mayUseModel } from "../../access/visibility.ts";
import { nearest } from "../../base/nearest.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Parsed } from "./04-parse.ts";

const HINTED_SLUGS = 3;
const MODELS_USE = ["models:use"] as const;

/** Stage 5 proves: this caller may use this model, which exists and is a chat model. */
export class Authorised {
  declare private readonly proof: never;
  readonly call: Parsed["call"];
  readonly principal: Principal;
  readonly request: ChatRequest;
  readonly model: FrontendModel;

  private constructor(parsed: Parsed, model: FrontendModel) {
    this.call = parsed.call;
    this.principal = parsed.principal;
    this.request = parsed.request;
    this.model = model;
  }

  /** Throws ApiError AUTHZ_PERMISSION_DENIED, AUTH_INSUFFICIENT_SCOPE, MODEL_NOT_FOUND, MODEL_ACCESS_DENIED, VALIDATION_ERROR. */
  static of(parsed: Parsed, deps: InferenceDeps): Authorised {
    const { principal, request } = parsed;
    demandPermission(principal, MODELS_USE);
    const model = deps.snapshot.modelBySlug(request.model);
    if (!model || !isInReach(principal, model)) throw notFound(request.model, principal, deps);
    if (!mayUseModel(principal, model, deps.snapshot)) throw new ApiError("MODEL_ACCESS_DENIED");
    if (model.modality !== "chat") {
      throw new ApiError("VALIDATION_ERROR", undefined, {
        details: [{ field: "model", message: `is a model for ${model.modality}, not for chat` }],
      });
    }
    parsed.call.mark("authorised");
    return new Authorised(parsed, model);
  }
}

/** The same answer for a slug that does not exist and for one that is another tenant's. */
function notFound(slug: string, principal: Principal, deps: InferenceDeps): ApiError {
  const known: string[] = [];
  for (const model of deps.snapshot.models())
    if (mayUseModel(principal, model, deps.snapshot)) known.push(model.slug);
  const close = nearest(slug, known, HINTED_SLUGS);
  const hint = close.length > 0 ? { hint: `Nearest models you may use: ${close.join(", ")}.` } : {};
  return new ApiError("MODEL_NOT_FOUND", undefined, hint);
}
