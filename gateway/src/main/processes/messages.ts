import { z } from "zod";

/** What a process learns before it starts. */
const role = z.object({
  type: z.literal("role"),
  /** From 1, the same for whoever takes the place of one that has ended. */
  index: z.int(),
  /** How many serve together. */
  processes: z.int(),
  /** Known once the first has opened it. */
  port: z.int().optional(),
  /** Whether it is the first of the whole start, which opens the port and is told of to people. */
  isFirst: z.boolean(),
  /** The key of the command line on this machine: whichever process it reaches has to know it. */
  operatorKey: z.string(),
});
export type Role = z.infer<typeof role>;

/** The metrics of one process. */
const rendered = z.object({ index: z.int(), text: z.string() });
export type Rendered = z.infer<typeof rendered>;

/** From the supervisor to a process. */
const toProcess = z.discriminatedUnion("type", [
  role,
  /** The whole gateway stops; a second one means without waiting. */
  z.object({ type: z.literal("stop"), signal: z.string() }),
  /** Read the configuration file again. */
  z.object({ type: z.literal("reload") }),
  /** Tell your metrics. */
  z.object({ type: z.literal("render"), id: z.int() }),
  /** The others' metrics, as asked for. */
  z.object({ type: z.literal("gathered"), id: z.int(), parts: z.array(rendered) }),
]);
export type ToProcess = z.infer<typeof toProcess>;

/** From a process to the supervisor. */
const toSupervisor = z.discriminatedUnion("type", [
  z.object({ type: z.literal("listening"), port: z.int() }),
  /** It ends by itself and hands its calls over: another may take its place. */
  z.object({ type: z.literal("leaving") }),
  z.object({ type: z.literal("gather"), id: z.int() }),
  z.object({ type: z.literal("rendered"), id: z.int(), text: z.string() }),
]);
export type ToSupervisor = z.infer<typeof toSupervisor>;

/** A message of the supervisor; undefined where it is none that this release knows. */
export function readToProcess(message: unknown): ToProcess | undefined {
  return toProcess.safeParse(message).data;
}

/** A message of a process; undefined where it is none that this release knows. */
export function readToSupervisor(message: unknown): ToSupervisor | undefined {
  return toSupervisor.safeParse(message).data;
}
