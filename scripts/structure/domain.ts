import * as is from "typescript/unstable/ast/is";
import { SyntaxKind } from "typescript/unstable/ast";
import type { Expression, SourceFile } from "typescript/unstable/ast";
import { bare, chain, descendants, memberName, nameOf } from "./syntax.ts";
import type { Rule } from "./tree.ts";

/** `rate`, `priceVersion.rates`, `inputPico`, `PRICE_PER_TOKEN`; but not `sampleRate` or `BYTES_PER_TOKEN`. */
const MONEY_NAMES = [
  /^(.*_)?(pico|rates?|prices?|per_?(token|unit|mtok))$/i,
  /[a-z](Pico|Rates?|Prices?)$/,
  /(pico|price|cost|rate)s?_?per_?(token|unit|mtok)$/i,
];
const CONVERSIONS: ReadonlySet<string> = new Set(["BigInt", "Number"]);
const OTHER_RATE = /(sample|hit|miss|error|frame|bit|byte|char|chunk|request|arrival)s?_?(rates?|per_?\w+)$/i;
/** Rates of limits/ are requests per minute; base/money.ts changes representation, not value. */
const MONEY_INSIDE = /^gateway\/src\/(pricing\/|limits\/|base\/money\.ts$)/;
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;
const CODE_PROPERTY = /^(code|errorCode|error_code)$/;
/** These return fault classes; `inference/fault-to-error.ts` turns them into codes. */
const CLASS_ONLY = /^gateway\/src\/(routing\/|providers\/|dialects\/.*\/fault\.ts$)/;
const QUERY_BEGINS: ReadonlySet<string> = new Set([
  "selectFrom",
  "insertInto",
  "replaceInto",
  "updateTable",
  "deleteFrom",
  "mergeInto",
  "createTable",
  "createIndex",
  "createView",
  "alterTable",
  "dropTable",
  "dropIndex",
  "dropView",
]);
const QUERY_ENDS: ReadonlySet<string> = new Set([
  "execute",
  "executeTakeFirst",
  "executeTakeFirstOrThrow",
  "executeQuery",
  "compile",
  "explain",
  "stream",
  "toOperationNode",
]);

/** By its name; `rates[i] ?? 0n`, `prices.get(id)` and `BigInt(rate)` go by what is inside. */
function isMoney(node: Expression): boolean {
  const inner = bare(node);
  if (is.isBinaryExpression(inner)) {
    return inner.operatorToken.kind === SyntaxKind.QuestionQuestionToken && isMoney(inner.left);
  }
  if (is.isCallExpression(inner)) {
    const callee = bare(inner.expression);
    if (is.isPropertyAccessExpression(callee)) return isMoney(callee.expression);
    const [argument] = inner.arguments;
    return CONVERSIONS.has(nameOf(callee) ?? "") && argument !== undefined && isMoney(argument);
  }
  if (is.isElementAccessExpression(inner) && isMoney(inner.expression)) return true;
  const name = is.isIdentifier(inner) ? inner.text : memberName(inner);
  return name !== undefined && MONEY_NAMES.some((pattern) => pattern.test(name)) && !OTHER_RATE.test(name);
}

/** Only pricing/ multiplies by money: found by the names of what is multiplied. */
export const money: Rule = {
  name: "money",
  *check(source) {
    if (source.layer === undefined || MONEY_INSIDE.test(source.path)) return;
    for (const node of descendants(source.syntax)) {
      if (!is.isBinaryExpression(node)) continue;
      const operator = node.operatorToken.kind;
      if (operator !== SyntaxKind.AsteriskToken && operator !== SyntaxKind.AsteriskEqualsToken) continue;
      if (isMoney(node.left) || isMoney(node.right)) {
        yield { at: node.getStart(), message: "only pricing/ multiplies by a rate or a price" };
      }
    }
  },
};

/** The property names of `ERRORS` in `errors.ts`. */
export function codesOf(errors: SourceFile | undefined): ReadonlySet<string> {
  const codes = new Set<string>();
  if (errors === undefined) return codes;
  for (const node of descendants(errors)) {
    if (!is.isVariableDeclaration(node) || nameOf(node.name) !== "ERRORS" || !node.initializer) continue;
    const table = bare(node.initializer);
    if (!is.isObjectLiteralExpression(table)) continue;
    for (const row of table.properties) if (is.isPropertyAssignment(row)) codes.add(nameOf(row.name) ?? "");
  }
  return codes;
}

/** Codes are defined in errors.ts alone, and layers that class faults do not name them. */
export const codes: Rule = {
  name: "codes",
  *check(source, tree) {
    if (source.layer === undefined || source.layer === "errors") return;
    for (const node of descendants(source.syntax)) {
      if (!is.isStringLiteralLikeNode(node)) continue;
      const { parent } = node;
      const isCode =
        (is.isPropertyAssignment(parent) || is.isPropertyDeclaration(parent)) &&
        parent.initializer === node &&
        CODE_PROPERTY.test(nameOf(parent.name) ?? "");
      if (isCode && CODE.test(node.text) && !tree.codes.has(node.text)) {
        yield {
          at: node.getStart(),
          message: `${node.text} is not in errors.ts: codes are defined there alone`,
        };
      }
      if (CLASS_ONLY.test(source.path) && tree.codes.has(node.text)) {
        yield { at: node.getStart(), message: `${node.text}: name a fault class, not a code` };
      }
    }
  },
};

/** A query that is built and thrown away, or awaited without being run, does nothing and says nothing. */
export const queries: Rule = {
  name: "queries",
  *check(source) {
    for (const node of descendants(source.syntax)) {
      if (!is.isExpressionStatement(node) && !is.isAwaitExpression(node)) continue;
      // `await query` as a statement is found once, at the statement.
      if (is.isAwaitExpression(node) && is.isExpressionStatement(node.parent)) continue;
      if (isUnrun(node.expression)) {
        yield { at: node.getStart(), message: "this query is never run: end it with execute() or compile()" };
      }
    }
  },
};

function isUnrun(expression: Expression): boolean {
  const inner = bare(expression);
  if (is.isTaggedTemplateExpression(inner)) return nameOf(inner.tag) === "sql";
  const names = chain(inner);
  return names.some((name) => QUERY_BEGINS.has(name)) && !names.some((name) => QUERY_ENDS.has(name));
}

/** `ReadableStream({ type: "direct" })` buffers without end for a reader that stalls. */
export const streams: Rule = {
  name: "streams",
  *check(source) {
    for (const node of descendants(source.syntax)) {
      if (!is.isPropertyAssignment(node) || nameOf(node.name) !== "type") continue;
      if (!is.isStringLiteralLikeNode(node.initializer) || node.initializer.text !== "direct") continue;
      const options = node.parent.parent;
      if (is.isNewExpression(options) && nameOf(options.expression) === "ReadableStream") {
        yield {
          at: node.getStart(),
          message: 'a stream of type "direct" has no back-pressure: use a pull stream',
        };
      }
    }
  },
};
