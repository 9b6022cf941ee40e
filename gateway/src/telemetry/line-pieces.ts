/** What a pipe takes as one, so that no other process can write in the middle of it. */
const PIPE_BYTES = 4_096;

/** Cuts a text of whole lines into pieces that several processes can write to one pipe without tearing each other's lines. */
export function linePieces(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const more = Buffer.byteLength(line);
    if (bytes + more > PIPE_BYTES && piece !== "") {
      pieces.push(piece);
      piece = "";
      bytes = 0;
    }
    piece += line;
    bytes += more;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}
