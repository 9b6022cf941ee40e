import type { Section } from "../measure.ts";
import { chat } from "./chat.ts";
import { keys } from "./keys.ts";
import { latency } from "./latency.ts";
import { openStreams } from "./open-streams.ts";
import { processes } from "./processes.ts";
import { records } from "./records.ts";
import { routing } from "./routing.ts";
import { scale } from "./scale.ts";
import { startUp } from "./start.ts";
import { streams } from "./streams.ts";

/** The parts of the benchmark, in the order in which they are run. */
export const SECTION_NAMES = [
  "chat",
  "streams",
  "latency",
  "open-streams",
  "keys",
  "routing",
  "scale",
  "processes",
  "start",
  "records",
] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

/** Those that run unless others are asked for: all but what takes tens of gigabytes. */
export const USUAL_SECTIONS = SECTION_NAMES.filter((name) => name !== "records");

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  chat,
  streams,
  latency,
  "open-streams": openStreams,
  keys,
  routing,
  scale,
  processes,
  start: startUp,
  records,
};
