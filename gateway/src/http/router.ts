import type { EndpointDocs } from "../core/endpoint.ts";

/** The path's named parts, percent-decoded. */
export type PathParams = Readonly<Record<string, string>>;

export interface Match<Route> {
  readonly route: Route;
  readonly params: PathParams;
}

interface Pattern<Route> {
  readonly segments: readonly string[];
  readonly rest: boolean;
  readonly methods: Map<string, Route>;
}

const NO_PARAMS: PathParams = {};

/**
 * Finds the endpoint of a path. Segments are compared percent-decoded, so every spelling of a path gets the same
 * verdict; an encoded slash stays inside its segment.
 */
export class Router<Route extends Pick<EndpointDocs, "method" | "path">> {
  /** Paths without parameters, as they are written: the whole look-up for the commonest calls. */
  readonly #fixed = new Map<string, Map<string, Route>>();
  readonly #patterns: Pattern<Route>[] = [];
  readonly #paths: string[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
    // A fixed segment wins over a parameter at the same place, a parameter over the rest of a path.
    this.#patterns.sort((a, b) => rank(a).localeCompare(rank(b)));
  }

  /** Every declared path, for the hint on an unknown one. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** The route, or the methods the path does know, or undefined for an unknown path. */
  find(method: string, pathname: string): Match<Route> | { readonly allow: readonly string[] } | undefined {
    const fixed = this.#fixed.get(pathname)?.get(method);
    if (fixed) return { route: fixed, params: NO_PARAMS };
    const segments = segmentsOf(pathname);
    return segments && this.#search(method, segments);
  }

  /** Looks at every declared path that fits: one may know the method where another does not. */
  #search(method: string, segments: readonly string[]) {
    const allow: string[] = [];
    const plain = segments.some((segment) => segment.includes("/")) ? undefined : `/${segments.join("/")}`;
    const decoded = plain === undefined ? undefined : this.#fixed.get(plain);
    const fitting = decoded ? [{ methods: decoded, params: NO_PARAMS }] : [];
    for (const pattern of this.#patterns) {
      const params = matchPattern(pattern, segments);
      if (params) fitting.push({ methods: pattern.methods, params });
    }
    for (const { methods, params } of fitting) {
      for (const [known, route] of methods) if (known === method) return { route, params };
      allow.push(...methods.keys());
    }
    return allow.length > 0 ? { allow } : undefined;
  }

  #add(route: Route): void {
    if (!this.#paths.includes(route.path)) this.#paths.push(route.path);
    const segments = route.path.split("/").slice(1);
    const methods = route.path.includes("{")
      ? this.#patternOf(route.path, segments)
      : this.#fixedOf(route.path);
    if (methods.has(route.method)) throw new Error(`two endpoints at ${route.method} ${route.path}`);
    methods.set(route.method, route);
  }

  #fixedOf(path: string): Map<string, Route> {
    const methods = this.#fixed.get(path) ?? new Map<string, Route>();
    this.#fixed.set(path, methods);
    return methods;
  }

  #patternOf(path: string, segments: readonly string[]): Map<string, Route> {
    const known = this.#patterns.find((pattern) => `/${pattern.segments.join("/")}` === path);
    if (known) return known.methods;
    const methods = new Map<string, Route>();
    this.#patterns.push({ segments, rest: path.endsWith("...}"), methods });
    return methods;
  }
}

function rank(pattern: Pattern<unknown>): string {
  return pattern.segments
    .map((segment) => (segment.endsWith("...}") ? "2" : segment.startsWith("{") ? "1" : `0${segment}`))
    .join("/");
}

/** The parts of a path, decoded. Undefined when an escape is malformed: such a path names nothing. */
export function segmentsOf(pathname: string): string[] | undefined {
  try {
    return pathname.split("/").slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function matchPattern(pattern: Pattern<unknown>, segments: readonly string[]): PathParams | undefined {
  if (
    pattern.rest ? segments.length < pattern.segments.length : segments.length !== pattern.segments.length
  ) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [i, wanted] of pattern.segments.entries()) {
    if (!wanted.startsWith("{")) {
      if (segments[i] !== wanted) return undefined;
      continue;
    }
    const value = wanted.endsWith("...}") ? segments.slice(i).join("/") : segments[i];
    if (value === undefined || value === "") return undefined;
    params[wanted.replace(/^\{|(\.\.\.)?\}$/g, "")] = value;
  }
  return params;
}
