import { FaultError, type FaultClass } from "../core/fault.ts";

/**
 * Bun's error codes that do not mean a broken connection. Bytes that are not HTTP, or not the encoding they
 * claim, are an answer that cannot be understood; everything else is the network.
 */
const CLASS_OF_CODE: Readonly<Record<string, FaultClass>> = {
  Malformed_HTTP_Response: "shape",
  InvalidHTTPResponse: "shape",
  InvalidContentLength: "shape",
  ResponseHeadersTooLarge: "shape",
  UnrequestedUpgrade: "shape",
  ZlibError: "shape",
  BrotliDecompressionError: "shape",
  ZstdDecompressionError: "shape",
};

/** Codes after which nothing has been sent, so that another address of the same host may be tried. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "ConnectionRefused",
]);

/** The code Bun or the system gives an error; empty when it has none. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether the error proves that no connection came up. */
export function neverConnected(error: unknown): boolean {
  return NOT_CONNECTED.has(codeOf(error));
}

/** What a failed `fetch` or body read means. The reason names the code, not the address. */
export function networkFault(error: unknown, during: string, status?: number): FaultError {
  const code = codeOf(error);
  const named = code === "" ? (error instanceof Error ? error.message : String(error)) : code;
  return new FaultError({
    class: CLASS_OF_CODE[code] ?? "network",
    reason: `${during}: ${named}`,
    ...(status !== undefined && { status }),
    ...(neverConnected(error) && { neverSent: true }),
  });
}
