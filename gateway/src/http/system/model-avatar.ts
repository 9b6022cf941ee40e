import { ApiError } from "../../errors.ts";
import type { SystemEndpoint } from "./endpoint.ts";

/** The picture of a model, for pages that show it: whoever knows the model's id may see it. */
export const modelAvatar: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/v1/models/{model_id}/avatar",
  operationId: "getModelAvatar",
  access: "public",
  tag: "Models",
  costBearing: false,
  contentType: "image/webp",
  errors: ["NOT_FOUND"],
  summary: "The picture of a model",
  serve({ params }, { avatarOf }) {
    const avatar = avatarOf(params["model_id"] ?? "");
    if (avatar === undefined)
      throw new ApiError("NOT_FOUND", "There is no such model, or it has no picture.");
    return new Response(Uint8Array.fromBase64(avatar.webp), {
      headers: {
        "content-type": "image/webp",
        // Its address changes with it.
        "cache-control": "public, max-age=86400",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'",
      },
    });
  },
};
