import { nearest } from "../../base/nearest.ts";
import { ConfigFileError } from "../../config/config-file.ts";
import { type FileProblem, type ParsedYaml, parseYaml } from "../../config/yaml.ts";
import { type Issue, issuesOf, pathText } from "../../core/issues.ts";
import { type Declared, declared } from "./schema.ts";

/** Problems of one file that are told at once. */
const PROBLEMS_MAX = 50;

/** A configuration file that says something, and where in it what stands. */
export interface CheckedFile {
  readonly declared: Declared;
  /** Slugs that the file does not declare and only a gateway can tell: its store may have them. */
  undeclared(): FileProblem[];
  /** What is wrong with what it says, at the lines where it says it. */
  problemsAt(issues: readonly Issue[]): FileProblem[];
}

/** Checks a configuration file by itself, without any gateway. Throws ConfigFileError with all that is wrong. */
export function checkConfigFile(path: string, text: string): CheckedFile {
  const parsed = parseYaml(text);
  if ("problems" in parsed) throw new ConfigFileError(path, parsed.problems.slice(0, PROBLEMS_MAX));
  const problemsAt = (issues: readonly Issue[]): FileProblem[] => located(issues, parsed);
  // An empty file declares nothing.
  const result = declared.safeParse(parsed.value ?? {}, { reportInput: true });
  if (!result.success) throw new ConfigFileError(path, problemsAt(issuesOf(result.error, declared)));
  const loose = looseEnds(result.data);
  if (loose.length > 0) throw new ConfigFileError(path, problemsAt(loose));
  return {
    declared: result.data,
    undeclared: () => problemsAt(undeclaredModels(result.data)),
    problemsAt,
  };
}

function located(issues: readonly Issue[], { placeOf }: ParsedYaml): FileProblem[] {
  return issues
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => ({ ...placeOf(path), message: `${pathText(path)} ${message}`.trim() }))
    .sort((one, other) => one.line - other.line);
}

/** Names that lead nowhere. Models of policies are looked for by the gateway: the store may have them. */
function looseEnds({ providers, backends, routing_policies: policies }: Declared): Issue[] {
  const issues: Issue[] = [];
  for (const [name, { provider }] of Object.entries(backends)) {
    if (Object.hasOwn(providers, provider)) continue;
    issues.push({ path: ["backends", name, "provider"], message: unknown("providers", provider, providers) });
  }
  for (const [slug, { targets }] of Object.entries(policies)) {
    for (const [at, { backend }] of targets.entries()) {
      if (Object.hasOwn(backends, backend)) continue;
      const path = ["routing_policies", slug, "targets", at, "backend"];
      issues.push({ path, message: unknown("backends", backend, backends) });
    }
  }
  return issues;
}

/** Models that policies are of or fall back to, and that stand elsewhere if at all. */
function undeclaredModels({ models, routing_policies: policies }: Declared): Issue[] {
  const needed = Object.entries(policies).flatMap(([slug, { fallback_models: fallbacks }]) => {
    const path = ["routing_policies", slug];
    const others = fallbacks.map((name, at) => ({ name, path: [...path, "fallback_models", at] }));
    return [{ name: slug, path }, ...others];
  });
  return needed
    .filter(({ name }) => !Object.hasOwn(models, name))
    .slice(0, PROBLEMS_MAX)
    .map(({ name, path }) => ({ path, message: elsewhere(name, models) }));
}

function elsewhere(slug: string, models: object): string {
  const [closest] = nearest(slug, Object.keys(models), 1);
  const meant = closest === undefined ? "" : ` (did you mean ${closest}?)`;
  return `needs the model ${slug}, which is not declared in this file${meant}; looked up when it is applied`;
}

function unknown(where: string, name: string, known: object): string {
  const [closest] = nearest(name, Object.keys(known), 1);
  const meant = closest === undefined ? "" : `; did you mean ${closest}?`;
  return `names ${JSON.stringify(name)}, which is no entry of ${where}${meant}`;
}
