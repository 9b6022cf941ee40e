import * as is from "typescript/unstable/ast/is";
import { NodeFlags } from "typescript/unstable/ast";
import type { Expression, Node, SourceFile, Statement, TypeNode } from "typescript/unstable/ast";
import { bare, descendants, dotted, nameOf } from "./syntax.ts";
import { isTestFile } from "./tree.ts";
import type { Rule } from "./tree.ts";

const SOURCE_LINES_MAX = 300;
const TEST_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 50;
/** For functions that are mostly one `switch`: state machines and tables. */
const SWITCH_LINES_MAX = 120;
const SWITCH_SHARE_MIN = 0.5;
const EMPTY_NAMES = /^(manager|service|utils?|helpers?)s?$|(Manager|Service|Utils?|Helpers?)$/;
const COLLECTIONS: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);
const RUNNERS: ReadonlySet<string> = new Set(["describe", "it", "test"]);
const UNFIT_MODIFIERS: ReadonlySet<string> = new Set([
  "failing",
  "if",
  "only",
  "skip",
  "skipIf",
  "todo",
  "todoIf",
]);

function linesBetween(syntax: SourceFile, from: number, to: number): number {
  return syntax.getLineAndCharacterOfPosition(to).line - syntax.getLineAndCharacterOfPosition(from).line + 1;
}

/** Files and functions one can see at once. */
export const sizes: Rule = {
  name: "sizes",
  *check(source) {
    const { syntax } = source;
    const lines = source.text.trimEnd().split("\n").length;
    const linesMax = source.isTest ? TEST_LINES_MAX : SOURCE_LINES_MAX;
    if (lines > linesMax) yield { at: 0, message: `${lines} lines; at most ${linesMax}`, subject: "file" };
    if (source.isTest) return;
    for (const node of descendants(syntax)) {
      if (!is.isFunctionLikeDeclaration(node) || node.body === undefined) continue;
      const length = linesBetween(syntax, node.getStart(), node.getEnd());
      const max = isMostlySwitch(syntax, node, length) ? SWITCH_LINES_MAX : FUNCTION_LINES_MAX;
      const subject = functionName(node);
      if (length > max)
        yield { at: node.getStart(), message: `${subject} has ${length} lines; at most ${max}`, subject };
    }
  },
};

function functionName(node: Node): string {
  if (is.isConstructorDeclaration(node)) return "constructor";
  const own =
    is.isFunctionDeclaration(node) || is.isFunctionExpression(node) || is.isMethodDeclaration(node)
      ? nameOf(node.name)
      : undefined;
  const { parent } = node;
  const given =
    is.isVariableDeclaration(parent) || is.isPropertyAssignment(parent) ? nameOf(parent.name) : undefined;
  return own ?? given ?? "a function";
}

function isMostlySwitch(syntax: SourceFile, node: Node, length: number): boolean {
  for (const inner of descendants(node)) {
    if (!is.isSwitchStatement(inner)) continue;
    return linesBetween(syntax, inner.getStart(), inner.getEnd()) >= length * SWITCH_SHARE_MIN;
  }
  return false;
}

/** Names that say what a thing is for. */
export const names: Rule = {
  name: "names",
  *check(source) {
    const file = source.path.split("/").at(-1)?.replace(/\..*$/, "") ?? "";
    const folder = source.path.split("/").at(-2) ?? "";
    for (const name of [file, folder]) {
      const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (EMPTY_NAMES.test(camel)) yield { at: 0, message: `"${name}" does not say what the file is for` };
    }
    for (const node of descendants(source.syntax)) {
      if (!is.isClassDeclaration(node) || !EMPTY_NAMES.test(nameOf(node.name) ?? "")) continue;
      yield { at: node.getStart(), message: `"${nameOf(node.name)}" does not say what the class does` };
    }
  },
};

/** A file that only passes others on hides where things are and makes import cycles. */
export const barrels: Rule = {
  name: "barrels",
  *check(source) {
    const { statements } = source.syntax;
    const passesOn = (statement: Statement): boolean =>
      is.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
    const first = statements.find(passesOn);
    if (first === undefined) return;
    const isBarrel = statements.every(
      (statement) => passesOn(statement) || is.isImportDeclaration(statement),
    );
    const isStar = is.isExportDeclaration(first) && first.exportClause === undefined;
    if (isBarrel || isStar)
      yield { at: first.getStart(), message: "no barrel files: import from where a thing is" };
  },
};

/** State belongs to what main constructs, not to modules. */
export const state: Rule = {
  name: "state",
  *check(source) {
    if (source.layer === undefined) return;
    for (const statement of source.syntax.statements) {
      if (!is.isVariableStatement(statement)) continue;
      const { declarationList } = statement;
      const isConst = (declarationList.flags & NodeFlags.Const) !== 0;
      for (const { name, type, initializer } of declarationList.declarations) {
        if (isConst && (isReadonly(type, source.syntax) || !isEmptyCollection(initializer))) continue;
        const subject = nameOf(name) ?? "a variable";
        yield { at: statement.getStart(), message: `${subject} is mutable module-level state`, subject };
      }
    }
  },
};

/** An empty collection whose type (or its alias in this file) forbids to fill it is a constant. */
function isReadonly(type: TypeNode | undefined, syntax: SourceFile): boolean {
  const named = type === undefined ? undefined : type.getText();
  const alias = syntax.statements.find(
    (statement) => is.isTypeAliasDeclaration(statement) && statement.name.text === named,
  );
  const text = alias !== undefined && is.isTypeAliasDeclaration(alias) ? alias.type.getText() : named;
  return text !== undefined && /^(readonly\b|Readonly\w*<)/.test(text);
}

function isEmptyCollection(initializer: Expression | undefined): boolean {
  if (initializer === undefined) return false;
  const value = bare(initializer);
  if (is.isArrayLiteralExpression(value)) return value.elements.length === 0;
  if (is.isObjectLiteralExpression(value)) return value.properties.length === 0;
  const isCollection = is.isNewExpression(value) && COLLECTIONS.has(nameOf(value.expression) ?? "");
  return isCollection && (value.arguments?.length ?? 0) === 0;
}

/** Tests that do not run, or end the run, look like tests that pass. */
export const tests: Rule = {
  name: "tests",
  *check(source) {
    if (!isTestFile(source.path)) return;
    let hasTest = false;
    for (const node of descendants(source.syntax)) {
      if (!is.isCallExpression(node)) continue;
      const [root, ...modifiers] = dotted(node.expression)?.split(".") ?? [];
      hasTest ||= root === "test" || root === "it";
      const unfit = RUNNERS.has(root ?? "")
        ? modifiers.find((modifier) => UNFIT_MODIFIERS.has(modifier))
        : undefined;
      if (unfit !== undefined) {
        yield {
          at: node.getStart(),
          message: `${root}.${unfit}: every test runs; what needs a part uses describePart`,
        };
      }
      if (dotted(node.expression) === "process.exit") {
        yield { at: node.getStart(), message: "process.exit ends the run as if all had passed" };
      }
    }
    if (!hasTest) yield { at: 0, message: "the file has no test: bun test passes over it in silence" };
  },
};
