import type { z } from "zod";
import type { EndpointDocs } from "../../core/endpoint.ts";

/** A row of any of the endpoint lists, as far as a description of the API needs it. */
export interface DeclaredEndpoint extends EndpointDocs {
  readonly kind: "management" | "public" | "inference" | "system";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of `data` of the envelope, or of one item when `list` is true; of the whole body for a system endpoint. */
  readonly response?: z.ZodType;
  readonly list?: boolean;
  /** Of a read: that its answer has a version. */
  readonly version?: object;
  /** Of a change: how what it changes is read. */
  readonly changes?: { readonly version?: object; readonly response: z.ZodType };
  /** Of one data event of a stream. */
  readonly event?: z.ZodType;
  /** Of a system endpoint's body, where it is not JSON. */
  readonly contentType?: string;
  /** Whether it answers with the address of another page and nothing else. */
  readonly redirects?: true;
  /** A status a system endpoint answers with beside 200, its body of the same form. */
  readonly alsoStatus?: number;
}
