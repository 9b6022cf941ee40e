import type { DialectName } from "../../../src/core/catalogue.ts";

/** A refusal as a format tells it. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a provider that speaks a format says, well and ill. */
export interface FormatMaterial {
  readonly dialect: DialectName;
  /** For people. */
  readonly label: string;
  /** What makes a provider of it. */
  readonly provider: Readonly<Record<string, unknown>>;
  readonly apiKey: string;
  readonly basePath: string;
  isStream(target: string, body: string): boolean;
  readonly text: string;
  readonly whole: string;
  readonly streamType: string;
  /** Framed. */
  readonly events: readonly string[];
  /** How many of them come up to the first content, that included. */
  readonly firstContent: number;
  /** How many of them come before the reason to finish. */
  readonly end: number;
  /** By what the provider does. */
  readonly errors: Readonly<Record<string, Refusal>>;
  readonly errorEvent: string;
  readonly errorInside: string;
  /** One that nobody can read. */
  readonly strayEvent: string;
}
