import { ApiError } from "../errors.ts";

/**
 * Reads a request body as text, counting its bytes. Throws ApiError PAYLOAD_TOO_LARGE as soon as the limit is
 * passed, and VALIDATION_ERROR for a compressed body.
 */
export async function readText(request: Request, limitBytes: number): Promise<string> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new ApiError("VALIDATION_ERROR", "Compressed request bodies are not accepted.", {
      details: [{ field: "header.content-encoding", message: "must be absent or identity" }],
    });
  }
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > limitBytes) throw tooLarge(limitBytes);
    return request.text();
  }
  return request.body ? readCounted(request.body, limitBytes) : "";
}

async function readCounted(body: ReadableStream<Uint8Array>, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.byteLength;
    if (total > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total).toString("utf8");
}

function tooLarge(limitBytes: number): ApiError {
  return new ApiError("PAYLOAD_TOO_LARGE", `The body is larger than ${limitBytes} bytes.`);
}
