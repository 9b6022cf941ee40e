import type { Command } from "commander";
import { nearest } from "../base/nearest.ts";

const UNKNOWN = /^error: unknown (?<kind>command|option) '(?<word>.*)'$/m;

/**
 * Has a command and all below it answer what they cannot take (an argument that is missing or too many, an unknown option
 * or command) with their own usage, what was likely meant, and where to read on. `before` is what is typed before the command's name.
 */
export function tellUsage(command: Command, before = ""): void {
  const words = `${before}${command.name()}`;
  const more = command.commands.length > 0 ? "lists the commands" : "tells more";
  command.showHelpAfterError(`Usage: ${words} ${command.usage()}\n(${words} --help ${more})`);
  // Commander's own suggestions are far-fetched: `logout` for `bogus`.
  command.showSuggestionAfterError(false);
  command.configureOutput({ outputError: (text, write) => write(`${text}${meantBy(text, command)}`) });
  for (const each of command.commands) tellUsage(each, `${words} `);
}

/** What an unknown command or option was likely meant to be, as a line of its own; empty when nothing is near. */
function meantBy(text: string, command: Command): string {
  const { kind, word = "" } = UNKNOWN.exec(text)?.groups ?? {};
  if (kind === undefined) return "";
  const help = command.createHelp();
  const known =
    kind === "command"
      ? help.visibleCommands(command).map((each) => each.name())
      : help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  const [near] = nearest(word, known, 1);
  return near === undefined ? "" : `(Did you mean ${near}?)\n`;
}
