/** Where a command writes: data on standard output, notes on standard error. */
export interface Output {
  data(text: string): void;
  note(text: string): void;
}

export const terminal: Output = {
  data: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
};

/** A failure of a command, in words that end with what to do. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CommandError";
  }
}
