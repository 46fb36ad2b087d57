import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What a careful project sets; declarations of other packages are checked as well. */
export const strictest: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  skipLibCheck: false,
};

/** What the compiler finds in a program, as it would print it. */
export function complaints(program: ts.Program, file?: ts.SourceFile): string[] {
  return ts.getPreEmitDiagnostics(program, file).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    const { file: source, start } = diagnostic;
    if (source === undefined || start === undefined) return text;
    const { line } = source.getLineAndCharacterOfPosition(start);
    return `${path.basename(source.fileName)}:${line + 1} ${text}`;
  });
}

/** Something that the package's declarations tell of: a name of its own, or a member of one. */
export interface Declared {
  /** As `openDevice`, `Device.matrix`, `Device.matrix.dtype`. */
  readonly name: string;
  readonly node: ts.NamedDeclaration;
  /** What an editor shows of it, without tags. */
  readonly summary: string;
}

/** The package's declarations, as those who install it see them. */
export class Declarations {
  readonly program: ts.Program;
  /** The names of each entry, by what is imported: 'thalweg', 'thalweg/jest'. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Those of them that are there when a program runs. */
  readonly values: readonly string[];

  /** @param folder that of the package: with package.json, whose `exports` name the entries, and dist/ */
  constructor(readonly folder: string) {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>;
    };
    const entries = Object.entries(manifest.exports).flatMap(([name, { types }]) =>
      types === undefined ? [] : [[path.posix.join('thalweg', name), path.join(folder, types)] as const],
    );
    const files = entries.map(([, file]) => file);
    this.program = ts.createProgram(files, { ...strictest, types: [] });
    const offered = entries.map(([name, file]) => [name, this.#exportsOf(file)] as const);
    this.names = Object.fromEntries(offered.map(([name, symbols]) => [name, symbols.map(nameOfSymbol)]));
    this.values = offered.flatMap(([, symbols]) =>
      symbols.filter((symbol) => this.#isValue(symbol)).map(nameOfSymbol),
    );
  }

  #exportsOf(file: string): ts.Symbol[] {
    const checker = this.program.getTypeChecker();
    const source = this.program.getSourceFile(file);
    const entry = source && checker.getSymbolAtLocation(source);
    if (entry === undefined) throw new Error(`${file} exports nothing`);
    return checker.getExportsOfModule(entry);
  }

  #isValue(symbol: ts.Symbol): boolean {
    if ((symbol.flags & ts.SymbolFlags.Alias) === 0) return (symbol.flags & ts.SymbolFlags.Value) !== 0;
    if (symbol.declarations?.some((node) => ts.isTypeOnlyImportOrExportDeclaration(node))) return false;
    return this.#isValue(this.program.getTypeChecker().getAliasedSymbol(symbol));
  }

  /** The files that the entries reach, of this package. */
  get files(): readonly ts.SourceFile[] {
    const dist = path.join(this.folder, 'dist') + path.sep;
    return this.program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(dist));
  }

  /** All that the files tell of, members after what they are of. */
  declared(): Declared[] {
    const checker = this.program.getTypeChecker();
    return this.files
      .flatMap((file) => namedIn(file))
      .map((named) => ({ ...named, summary: summaryOf(checker, named.node) }));
  }
}

function nameOfSymbol({ name }: ts.Symbol): string {
  return name;
}

/** Whether another file can name it. */
export function isExported({ node }: Declared): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
}

/** What the tags of that name say of it. */
export function tagged({ node }: Pick<Declared, 'node'>, tag: string): string[] {
  const tags = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === tag);
  return tags.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '');
}

function isOwn(node: ts.Node): node is ts.DeclarationStatement | ts.VariableDeclaration {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isVariableDeclaration(node)
  );
}

function isMember(node: ts.Node): node is ts.ClassElement | ts.TypeElement {
  if (!ts.isClassElement(node) && !ts.isPropertySignature(node) && !ts.isMethodSignature(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return false;
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) === 0;
}

function namedIn(file: ts.SourceFile): { name: string; node: ts.NamedDeclaration }[] {
  const found: { name: string; node: ts.NamedDeclaration }[] = [];
  const visit = (node: ts.Node, within: string): void => {
    const named = isOwn(node) || isMember(node) ? node : undefined;
    const name = named === undefined ? within : nameOf(named, within);
    // What is declared within a module is another package's, and ours are the members.
    if (named !== undefined && !ts.isModuleBlock(node.parent)) found.push({ name, node: named });
    ts.forEachChild(node, (child) => {
      visit(child, name);
    });
  };
  visit(file, '');
  return found;
}

function nameOf({ name }: ts.NamedDeclaration, within: string): string {
  const own = name === undefined ? 'constructor' : name.getText();
  return within === '' ? own : `${within}.${own}`;
}

/** What an interface says of a member holds for the classes that implement it. */
function summaryOf(checker: ts.TypeChecker, node: ts.NamedDeclaration): string {
  const documented =
    node.name === undefined
      ? checker.getSignatureFromDeclaration(node as ts.ConstructorDeclaration)
      : checker.getSymbolAtLocation(node.name);
  return ts.displayPartsToString(documented?.getDocumentationComment(checker)).trim();
}
