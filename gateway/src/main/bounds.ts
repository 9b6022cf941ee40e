import type { Config } from "../config/config.ts";
import type { LoadLimits } from "../limits/overload.ts";
import type { AdmissionBounds } from "../inference/admission.ts";
import type { Machine } from "./machine.ts";

const MEGABYTE = 1 << 20;
/** Of the places for calls: those who are still there come first. */
const DRAIN_SHARE = 1 / 4;
/** Beyond this many the event loop, not memory, is what there is too little of. */
const IN_FLIGHT_MAX = 20_000;
const IN_FLIGHT_MIN = 100;
/** An open stream takes 60 kB; a caller who reads slowly makes it more. */
const BYTES_PER_CALL = 256 * 1024;
/** The caller's connection and the upstream's; a fifth is kept for all else. */
const CALLS_PER_DESCRIPTOR = 0.4;
/** While its call lasts a body takes 2.5 times its size (19.5 MB: 49), twice that where it is not Latin text. */
const BODY_SHARE = 1 / 16;
const BODY_BYTES_MIN = 64 * MEGABYTE;
const BODY_BYTES_MAX = 2_048 * MEGABYTE;

/** The bounds of one process, from its settings and else from what the machine gives. */
export interface Bounds {
  readonly admission: AdmissionBounds;
  readonly load: LoadLimits;
  /** Answers that are read on at once after their callers have left. */
  readonly drainsMax: number;
  /** Bytes of large request bodies at once. */
  readonly bodyBytes: number;
}

/** Works out the bounds. */
export function boundsOf(config: Config, machine: Machine): Bounds {
  const allBytes = config.memoryLimitMb === undefined ? machine.memoryBytes : config.memoryLimitMb * MEGABYTE;
  const memoryBytes = allBytes / machine.processes;
  const most = config.inFlightMax ?? inFlightMax(memoryBytes, machine.descriptorsMax);
  return {
    drainsMax: Math.ceil(most * DRAIN_SHARE),
    admission: {
      inFlightMax: most,
      queueMax: config.queueMax,
      queueMs: config.queueMs,
    },
    load: { lagMs: config.shedLagMs, memoryBytes, descriptors: machine.descriptorsMax },
    bodyBytes:
      config.bodyMemoryMb === undefined
        ? clamp(memoryBytes * BODY_SHARE, BODY_BYTES_MIN, BODY_BYTES_MAX)
        : config.bodyMemoryMb * MEGABYTE,
  };
}

function inFlightMax(memoryBytes: number, descriptors = Number.POSITIVE_INFINITY): number {
  const most = Math.min(memoryBytes / BYTES_PER_CALL, descriptors * CALLS_PER_DESCRIPTOR);
  return clamp(Math.floor(most), IN_FLIGHT_MIN, IN_FLIGHT_MAX);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
