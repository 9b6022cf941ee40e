import { z } from "zod";

/** When a key stops working, as callers give it; epoch milliseconds inside. */
export const expiry = z.iso
  .datetime({ offset: true, error: "must be a date and time such as 2027-01-31T00:00:00Z" })
  .transform((text) => Date.parse(text));
