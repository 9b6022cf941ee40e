import type { Command } from "commander";

/**
 * Has a command and all below it answer what they cannot take (an argument that is missing or too many, an unknown option
 * or command) with their own usage, and where to read on. `before` is what is typed before the command's name.
 */
export function tellUsage(command: Command, before = ""): void {
  const words = `${before}${command.name()}`;
  const more = command.commands.length > 0 ? "lists the commands" : "tells more";
  command.showHelpAfterError(`Usage: ${words} ${command.usage()}\n(${words} --help ${more})`);
  for (const each of command.commands) tellUsage(each, `${words} `);
}
