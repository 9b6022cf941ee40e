/** The text of one process, with its number. */
export interface ProcessMetrics {
  readonly index: number;
  readonly text: string;
}

/**
 * The metrics of several processes as one text: each sample has a label `process`, and each metric its description once.
 * All of them come from one program, so that a description is the same text wherever it stands.
 */
export function mergeMetrics(parts: readonly ProcessMetrics[]): string {
  const samples = new Map<string, string>();
  for (const { index, text } of parts) {
    for (const metric of text.split(/^(?=# HELP )/m)) {
      const lines = metric.split("\n").filter((line) => line !== "");
      const isHead = (line: string): boolean => line.startsWith("#");
      const head = lines.filter(isHead).join("\n");
      const own = lines.filter((line) => !isHead(line)).map((line) => `${labelled(line, index)}\n`);
      if (head !== "") samples.set(head, (samples.get(head) ?? "") + own.join(""));
    }
  }
  return [...samples].map(([head, text]) => `${head}\n${text}`).join("");
}

function labelled(sample: string, index: number): string {
  const label = `process="${index}"`;
  const name = /^[\w:]+/.exec(sample)?.[0] ?? "";
  const rest = sample.slice(name.length);
  return rest.startsWith("{") ? `${name}{${label},${rest.slice(1)}` : `${name}{${label}}${rest}`;
}
