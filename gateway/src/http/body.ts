import { ApiError } from "../errors.ts";

/**
 * Reads a request body as text, counting its bytes. Throws ApiError PAYLOAD_TOO_LARGE as soon as the limit is
 * passed, VALIDATION_ERROR for a compressed body, and what `cover` throws: it is told of the bytes that are
 * announced or have come, before they are kept.
 */
export function readText(
  request: Request,
  limitBytes: number,
  cover: (bytes: number) => void,
): Promise<string> {
  try {
    return readWithin(request, limitBytes, cover);
  } catch (error) {
    return Promise.reject(error);
  }
}

function readWithin(request: Request, limitBytes: number, cover: (bytes: number) => void): Promise<string> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new ApiError("VALIDATION_ERROR", "Compressed request bodies are not accepted.", {
      details: [{ field: "header.content-encoding", message: "must be absent or identity" }],
    });
  }
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > limitBytes) throw tooLarge(limitBytes);
    cover(Number(declared));
    return request.text();
  }
  return request.body ? readCounted(request.body, limitBytes, cover) : Promise.resolve("");
}

async function readCounted(
  body: ReadableStream<Uint8Array>,
  limitBytes: number,
  cover: (bytes: number) => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.byteLength;
    if (total > limitBytes) throw tooLarge(limitBytes);
    cover(total);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total).toString("utf8");
}

function tooLarge(limitBytes: number): ApiError {
  return new ApiError("PAYLOAD_TOO_LARGE", `The body is larger than ${limitBytes} bytes.`);
}
