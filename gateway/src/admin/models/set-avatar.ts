import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { setAvatar } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { AVATAR_SIDE_MAX, avatarOf } from "./avatar-image.ts";
import { manageableModel } from "./manageable.ts";
import { modelView, viewManagedModel } from "./model-view.ts";

/** Characters of base64: three quarters of a megabyte of picture, within what a management body may have. */
const IMAGE_CHARS_MAX = 1_000_000;

const body = z
  .strictObject({
    image: z
      .string()
      .min(1)
      .max(IMAGE_CHARS_MAX)
      .nullable()
      .describe(
        "PNG, JPEG, WebP, GIF or BMP of up to 2048 × 2048 pixels, in base64 or as a data URL. Null takes it away.",
      ),
  })
  .meta({
    examples: [
      {
        image:
          "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      },
    ],
  });

export const setModelAvatar = adminEndpoint({
  method: "POST",
  path: "/v1/models/{model_id}/avatar",
  access: "models:manage",
  tag: "Models",
  operationId: "setModelAvatar",
  errors: ["MODEL_NOT_FOUND"],
  summary: `Give a model a picture: it is drawn anew, as WebP of at most ${AVATAR_SIDE_MAX} × ${AVATAR_SIDE_MAX} pixels`,
  costBearing: false,
  auditAction: "model.update",
  params: z.strictObject({ model_id: z.string() }),
  body,
  response: modelView,
  async handle({ principal, params, body: { image } }, deps) {
    const model = manageableModel(params.model_id, principal, deps);
    const avatar = image === null ? undefined : await avatarOf(image);
    if (image !== null && avatar === undefined) {
      throw new ApiError("VALIDATION_ERROR", undefined, {
        details: [
          {
            field: "image",
            message: "must be a whole PNG, JPEG, WebP, GIF or BMP of up to 2048 × 2048 pixels, in base64",
          },
        ],
      });
    }
    await committed(deps.commit(setAvatar(model.id, avatar, deps.clock.now())), {
      missing: "MODEL_NOT_FOUND",
    });
    const next = deps.snapshot.modelById(model.id) ?? model;
    return { kind: "data", data: viewManagedModel(next, principal, deps) };
  },
});
