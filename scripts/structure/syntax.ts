import { API } from "typescript/unstable/async";
import * as is from "typescript/unstable/ast/is";
import { SyntaxKind } from "typescript/unstable/ast";
import type { Expression, Identifier, Node, SourceFile } from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";

const FOLDER = "/tree";
/** The parents under which a plain identifier stands for its value rather than for a name or a type. */
const VALUE_PARENTS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.ArrayLiteralExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.AsExpression,
  SyntaxKind.AwaitExpression,
  SyntaxKind.BinaryExpression,
  SyntaxKind.CallExpression,
  SyntaxKind.ConditionalExpression,
  SyntaxKind.ElementAccessExpression,
  SyntaxKind.ExportAssignment,
  SyntaxKind.ExpressionStatement,
  SyntaxKind.ForOfStatement,
  SyntaxKind.IfStatement,
  SyntaxKind.NewExpression,
  SyntaxKind.NonNullExpression,
  SyntaxKind.ParenthesizedExpression,
  SyntaxKind.ReturnStatement,
  SyntaxKind.SatisfiesExpression,
  SyntaxKind.ShorthandPropertyAssignment,
  SyntaxKind.SpreadAssignment,
  SyntaxKind.SpreadElement,
  SyntaxKind.TemplateSpan,
  SyntaxKind.TypeOfExpression,
  SyntaxKind.VoidExpression,
]);

/** Parses TypeScript and JavaScript without resolving anything. The paths are relative, with `/`. */
export async function parse(files: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, SourceFile>> {
  const config = `${FOLDER}/tsconfig.json`;
  const options = {
    noLib: true,
    noResolve: true,
    types: [],
    allowJs: true,
    moduleDetection: "force",
    jsx: "preserve",
  };
  const api = new API({
    cwd: FOLDER,
    fs: createVirtualFileSystem({
      ...Object.fromEntries([...files].map(([path, text]) => [`${FOLDER}/${path}`, text])),
      [config]: JSON.stringify({ compilerOptions: options, files: [...files.keys()] }),
    }),
  });
  try {
    const program = (await api.updateSnapshot({ openProjects: [config] })).getProject(config)?.program;
    const parsed = await Promise.all(
      [...files.keys()].map(async (path) => {
        const source = await program?.getSourceFile(`${FOLDER}/${path}`);
        if (source === undefined) throw new Error(`${path} could not be parsed`);
        return [path, source] as const;
      }),
    );
    return new Map(parsed);
  } finally {
    await api.close();
  }
}

/** The node and everything below it, from the top. */
export function* descendants(node: Node): Generator<Node> {
  yield node;
  const children: Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) yield* descendants(child);
}

/** Without parentheses, `as`, `satisfies`, `!`, `await` and `void` around it. */
export function bare(node: Expression): Expression {
  let inner = node;
  while (
    is.isParenthesizedExpression(inner) ||
    is.isAsExpression(inner) ||
    is.isSatisfiesExpression(inner) ||
    is.isNonNullExpression(inner) ||
    is.isAwaitExpression(inner) ||
    is.isVoidExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** `a.b.c`, also when written `a["b"]?.c`; undefined for anything but names joined by dots. */
export function dotted(node: Expression): string | undefined {
  const inner = bare(node);
  if (is.isIdentifier(inner)) return inner.text;
  if (is.isMetaProperty(inner)) return `import.${inner.name.text}`;
  if (!is.isPropertyAccessExpression(inner) && !is.isElementAccessExpression(inner)) return undefined;
  const owner = dotted(inner.expression);
  const name = memberName(inner);
  return owner === undefined || name === undefined ? undefined : `${owner}.${name}`;
}

/** The name after the last dot. */
export function memberName(node: Node): string | undefined {
  if (is.isPropertyAccessExpression(node)) return node.name.text;
  if (!is.isElementAccessExpression(node)) return undefined;
  return is.isStringLiteralLikeNode(node.argumentExpression) ? node.argumentExpression.text : undefined;
}

/** The method names of a call chain, the last one first: `a.b(1).c()` gives c, b. */
export function chain(node: Expression): string[] {
  const names: string[] = [];
  let rest = bare(node);
  while (is.isCallExpression(rest) || is.isPropertyAccessExpression(rest)) {
    if (is.isPropertyAccessExpression(rest)) names.push(rest.name.text);
    rest = bare(rest.expression);
  }
  return names;
}

/** The name of a property, member or declaration. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (is.isIdentifier(node) || is.isPrivateIdentifier(node) || is.isStringLiteral(node)) return node.text;
  return undefined;
}

/** One use of something that this file does not declare. */
export interface GlobalUse {
  /** `Date.now`, `fetch`, `import.meta.env`; without `globalThis`. */
  readonly name: string;
  readonly node: Node;
  /** Called or constructed with this many arguments. */
  readonly argumentCount?: number;
}

/** Every use of a global by its longest dotted name. */
export function globalUses(source: SourceFile): readonly GlobalUse[] {
  const declared = new Set<string>();
  const roots: Node[] = [];
  for (const node of descendants(source)) {
    const isDeclaration =
      is.isVariableDeclaration(node) ||
      is.isParameterDeclaration(node) ||
      is.isBindingElement(node) ||
      is.isFunctionDeclaration(node) ||
      is.isImportSpecifier(node) ||
      is.isImportClause(node) ||
      is.isNamespaceImport(node);
    if (isDeclaration && node.name !== undefined) declared.add(nameOf(node.name) ?? "");
    if (is.isMetaProperty(node) || (is.isIdentifier(node) && isValue(node))) roots.push(node);
  }
  return roots.flatMap((root) => {
    if (is.isIdentifier(root) && declared.has(root.text)) return [];
    return useFrom(root);
  });
}

function isValue(node: Identifier): boolean {
  const { parent } = node;
  if (is.isPropertyAccessExpression(parent)) return parent.expression === node;
  const isInitialised =
    is.isPropertyAssignment(parent) ||
    is.isVariableDeclaration(parent) ||
    is.isParameterDeclaration(parent) ||
    is.isBindingElement(parent) ||
    is.isPropertyDeclaration(parent);
  return isInitialised ? parent.initializer === node : VALUE_PARENTS.has(parent.kind);
}

function useFrom(root: Node): GlobalUse[] {
  let whole = root;
  while (isOwner(whole.parent, whole) && memberName(whole.parent) !== undefined) whole = whole.parent;
  const isCallee =
    (is.isCallExpression(whole.parent) || is.isNewExpression(whole.parent)) &&
    whole.parent.expression === whole;
  const name = is.isExpression(whole) ? dotted(whole)?.replace(/^globalThis\./, "") : undefined;
  if (name === undefined) return [];
  return [{ name, node: root, ...(isCallee && { argumentCount: argumentCountOf(whole.parent) }) }];
}

function isOwner(parent: Node, node: Node): boolean {
  return (
    (is.isPropertyAccessExpression(parent) || is.isElementAccessExpression(parent)) &&
    parent.expression === node
  );
}

function argumentCountOf(call: Node): number {
  return is.isCallExpression(call) || is.isNewExpression(call) ? (call.arguments?.length ?? 0) : 0;
}

/** One module named by a file. */
export interface Import {
  readonly specifier: string;
  /** Values taken by name; types and whole modules are not among them. */
  readonly names: readonly string[];
  /** Whether the module as a whole is taken, or all of it is passed on. */
  readonly isWhole: boolean;
  /** Whether nothing but types is taken. */
  readonly isType: boolean;
  readonly node: Node;
}

/** Every `import`, `export … from`, `import()` and `import("…").Type` with a literal specifier. */
export function importsOf(source: SourceFile): readonly Import[] {
  const found: Import[] = [];
  for (const node of descendants(source)) {
    if (is.isImportDeclaration(node) && is.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause;
      const bindings = clause?.namedBindings;
      const named = bindings !== undefined && is.isNamedImports(bindings) ? bindings.elements : [];
      const values = named.filter((element) => !element.isTypeOnly);
      const isType = clause?.phaseModifier === SyntaxKind.TypeKeyword;
      found.push({
        specifier: node.moduleSpecifier.text,
        names: isType ? [] : values.map((element) => nameOf(element.propertyName) ?? element.name.text),
        isWhole:
          !isType &&
          (clause?.name !== undefined || (bindings !== undefined && is.isNamespaceImport(bindings))),
        isType,
        node,
      });
    } else if (
      is.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      is.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push({
        specifier: node.moduleSpecifier.text,
        names: [],
        isWhole: true,
        isType: node.isTypeOnly,
        node,
      });
    } else {
      const specifier = inlineImport(node);
      if (specifier === undefined) continue;
      found.push({
        specifier,
        names: [],
        isWhole: is.isCallExpression(node),
        isType: !is.isCallExpression(node),
        node,
      });
    }
  }
  return found;
}

function inlineImport(node: Node): string | undefined {
  if (is.isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument !== undefined && is.isStringLiteralLikeNode(argument) ? argument.text : undefined;
  }
  if (!is.isImportTypeNode(node) || !is.isLiteralTypeNode(node.argument)) return undefined;
  return is.isStringLiteral(node.argument.literal) ? node.argument.literal.text : undefined;
}
