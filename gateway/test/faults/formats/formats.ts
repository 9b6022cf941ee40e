import { anthropicMaterial } from "./anthropic.ts";
import type { FormatMaterial } from "./material.ts";

/** The formats whose providers are held to the faults of `catalogue/messages-format.ts`. */
export const FORMATS: readonly FormatMaterial[] = [anthropicMaterial];
