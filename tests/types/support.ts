/** Which browsers have what the package uses of the platform. */

import { join } from "node:path";
import ts from "typescript";

/** What is used of the platform, such as `URL.canParse`, with the places. */
export function usedOfThePlatform(root: string): Map<string, string[]> {
  const { fileNames, options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, "js/tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    join(root, "js"),
  );
  const glue = join(root, "dist/wasm/azure_image_client.js");
  const program = ts.createProgram([...fileNames, glue], {
    ...options,
    allowJs: true,
    noEmit: true,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  });
  const checker = program.getTypeChecker();
  const used = new Map<string, string[]>();
  for (const file of program.getSourceFiles()) {
    if (program.isSourceFileDefaultLibrary(file) || file.isDeclarationFile) continue;
    const visit = (node: ts.Node): void => {
      const symbol = ts.isIdentifier(node) && !ts.isPartOfTypeNode(node) ? checker.getSymbolAtLocation(node) : undefined;
      const declaration = symbol?.declarations?.find((declaration) => program.isSourceFileDefaultLibrary(declaration.getSourceFile()));
      if (symbol && declaration) {
        const name = nameOf(symbol, declaration);
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        used.set(name, [...(used.get(name) ?? []), `${file.fileName.slice(root.length)}:${line + 1}`]);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return used;
}

/** `URL.canParse`, from `var URL: { canParse(…): … }`; `Blob.size`, from the interface; `fetch`. */
function nameOf(symbol: ts.Symbol, declaration: ts.Declaration): string {
  const { parent } = declaration;
  const owner = ts.isTypeLiteralNode(parent) ? parent.parent : parent;
  const isMember = (ts.isInterfaceDeclaration(owner) || ts.isVariableDeclaration(owner)) && owner !== declaration;
  return isMember ? `${owner.name.getText().replace(/Constructor$/, "")}.${symbol.name}` : symbol.name;
}
