/** Reads a body to its end, piece by piece. The transport has its own cap on how much that may be. */
export async function readPieces(reply: { read(): Promise<Uint8Array | undefined> }): Promise<Uint8Array> {
  const first = await reply.read();
  if (first === undefined) return new Uint8Array();
  let piece = await reply.read();
  if (piece === undefined) return first;
  const pieces = [first];
  for (; piece !== undefined; piece = await reply.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}
