import type { NamesOfFields } from "./api.ts";
import { COMMAND } from "./called-as.ts";

/** What is no word of a sentence: several joined by underscores, or one in backticks. */
const FIELD = /`[a-z]+(?:_[a-z]+)*`|\b[a-z]+(?:_[a-z]+)+\b/g;
const CALL = /`GET \/v1\/([a-z/-]+)`/g;

/** The commands that tell what a call tells, by its path behind `/v1/`. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ["models", "models list"],
  ["backends", "backends list"],
  ["providers", "providers list"],
  ["config-file", "config diff"],
  ["nodes/quarantine", "nodes quarantine list"],
]);

/** A field as the person who typed the command knows it: `--roles` for each of `roles[0]`, `roles[1]` … */
export function fieldAsTyped(field: string, names: NamesOfFields): string {
  return names[field] ?? names[field.replace(/\[\d+\]$/, "")] ?? field;
}

/** A sentence of the API in the words of the command line: its fields as flags, its calls as commands. */
export function asTyped(sentence: string, names: NamesOfFields): string {
  return sentence
    .replace(CALL, (call: string, path: string) => {
      const command = COMMANDS.get(path);
      return command === undefined ? call : `\`${COMMAND} ${command}\``;
    })
    .replace(FIELD, (field: string) => {
      const name = field.replaceAll("`", "");
      return names[name] ?? names[`query.${name}`] ?? field;
    });
}
