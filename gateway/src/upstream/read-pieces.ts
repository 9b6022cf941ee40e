const UTF8 = new TextDecoder();

/** Reads a body to its end, piece by piece, as text. The transport has its own cap on how much that may be. */
export async function readPieces(reply: { read(): Promise<Uint8Array | undefined> }): Promise<string> {
  const first = await reply.read();
  if (first === undefined) return "";
  let piece = await reply.read();
  if (piece === undefined) return UTF8.decode(first);
  const pieces = [first];
  for (; piece !== undefined; piece = await reply.read()) pieces.push(piece);
  return UTF8.decode(Buffer.concat(pieces));
}
