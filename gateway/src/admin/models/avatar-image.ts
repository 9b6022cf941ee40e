import { sha256Hex } from "../../base/crypto.ts";
import type { Avatar } from "../../core/catalogue.ts";

/** Pixels: width and height at most; all models' pictures lie in memory. */
export const AVATAR_SIDE_MAX = 128;
/** Pixels of what is sent: decoded it takes four bytes for each. */
export const AVATAR_PIXELS_MAX = 2_048 * 2_048;
const QUALITY = 80;
const VERSION_CHARS = 12;

const DATA_URL = /^data:image\/[a-z0-9.+-]{1,40};base64,/i;

/**
 * A picture anew from its pixels, so that nothing else of what was sent is kept: a script in it, where it was taken, a
 * second format in the same bytes. Undefined for what is no PNG, JPEG, WebP, GIF or BMP, for half of one and for one
 * that is too large.
 */
export async function avatarOf(sent: string): Promise<Avatar | undefined> {
  try {
    const bytes = Uint8Array.fromBase64(sent.replace(DATA_URL, ""));
    if (bytes.byteLength === 0) return undefined;
    const webp = await new Bun.Image(bytes, { maxPixels: AVATAR_PIXELS_MAX })
      .resize(AVATAR_SIDE_MAX, AVATAR_SIDE_MAX, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .bytes();
    const base64 = webp.toBase64();
    return { webp: base64, version: sha256Hex(base64).slice(0, VERSION_CHARS) };
  } catch {
    // Whatever the decoder finds wrong with it, the caller is told what may be sent.
    return undefined;
  }
}
