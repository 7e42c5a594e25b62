/** What a package makes public, read from the declarations that it publishes. */

import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";

/** The public face of a package. */
export interface PublicApi {
  /** Every declaration, by the path that it is imported from, without the comments. */
  text: string;
  /** What has no comment to say what it is. */
  undocumented: string[];
  /** What is mentioned and cannot be imported. */
  unnamed: string[];
}

/** Reads the declarations of a package that has been built. */
export function publicApi(folder: string): PublicApi {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, { types?: string }>;
  };
  const entries = Object.entries(exports).flatMap(([path, { types }]) =>
    types?.endsWith(".d.ts") ? [{ path: join(name, path), file: resolve(folder, types) }] : [],
  );
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      jsx: ts.JsxEmit.ReactJSX,
      strict: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  const undocumented: string[] = [];
  const unnamed = new Set<string>();

  const isOwn = (node: ts.Node): boolean =>
    !relative(folder, node.getSourceFile().fileName).startsWith("..") && !node.getSourceFile().fileName.includes("/node_modules/");
  const target = (symbol: ts.Symbol): ts.Symbol => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const modules = entries.map(({ path, file }) => {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.Node);
    const symbols = symbol ? checker.getExportsOfModule(symbol).map((exported) => ({ name: exported.name, symbol: target(exported) })) : [];
    return { path, symbols: symbols.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  });
  const named = new Set(modules.flatMap(({ symbols }) => symbols.map(({ symbol }) => symbol)));

  const visit = (owner: string, node: ts.Node): void => {
    if (isHidden(node)) return;
    const name = ts.isConstructorDeclaration(node) ? "constructor" : "name" in node ? (node.name as ts.Node).getText() : undefined;
    const within = name ? `${owner}.${name}` : owner;
    if (isMember(node) && !hasComment(node, checker)) undocumented.push(within);
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const found = checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression);
      const symbol = found && target(found);
      const isDeclared = symbol?.declarations?.some((declaration) => isOwn(declaration) && !ts.isTypeParameterDeclaration(declaration));
      if (symbol && isDeclared && !named.has(symbol)) unnamed.add(`${symbol.name}, of ${owner}`);
    }
    ts.forEachChild(node, (child) => visit(within, child));
  };

  const parts = modules.map(({ path, symbols }, index) => {
    const same = modules
      .slice(0, index)
      .find((earlier) => earlier.symbols.length === symbols.length && earlier.symbols.every(({ symbol }, at) => symbol === symbols[at]?.symbol));
    if (same) return `// ${path}: the same as ${same.path}`;
    const texts = symbols.flatMap(({ name, symbol }) => {
      const declarations = symbol.declarations ?? [];
      if (!declarations.some((declaration) => hasComment(declaration, checker))) undocumented.push(name);
      return declarations.map((declaration) => {
        ts.forEachChild(declaration, (child) => visit(name, child));
        return printer.printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile());
      });
    });
    return [`// ${path}`, ...texts].join("\n\n");
  });
  return { text: `${parts.join("\n\n")}\n`, undocumented, unnamed: [...unnamed] };
}

const isHidden = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword);

/** What an editor shows when a person points at it: not the index of an open record, nor what is private. */
const isMember = (node: ts.Node): boolean =>
  (ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node)) &&
  !ts.isPrivateIdentifier(node.name) &&
  (ts.isClassLike(node.parent) || ts.isInterfaceDeclaration(node.parent));

const hasComment = (node: ts.Node, checker: ts.TypeChecker): boolean => {
  const symbol = checker.getSymbolAtLocation((node as ts.NamedDeclaration).name ?? node);
  return ts.getJSDocCommentsAndTags(node).length > 0 || (symbol?.getDocumentationComment(checker).length ?? 0) > 0;
};
