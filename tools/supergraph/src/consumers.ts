// Who hears which event, read from the sources: a file that starts consumers hears the events that it imports.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The values (not types) that a source imports from a module. */
function valuesImported(source: ts.SourceFile, module: string): string[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const clause = statement.importClause;
    if (statement.moduleSpecifier.text !== module || clause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      return [];
    if (clause?.namedBindings === undefined || !ts.isNamedImports(clause.namedBindings)) return [];
    return clause.namedBindings.elements
      .filter((element) => !element.isTypeOnly)
      .map((element) => (element.propertyName ?? element.name).text);
  });
}

/** The names of the contracts that one source file listens to; none if it starts no consumer. */
export function heardIn(text: string): string[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest);
  if (!valuesImported(source, '@weft/messaging').includes('startConsumer')) return [];
  return valuesImported(source, '@weft/contracts');
}

/** Exported name of a contract (e.g. `jobChanged`) → the services that hear it. */
export function findConsumers(
  root: string,
  services: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const service of services) {
    const folder = join(root, 'services', service, 'src');
    const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('.test.ts'));
    const heard = new Set(files.flatMap((file) => heardIn(readFileSync(join(folder, file), 'utf8'))));
    for (const name of heard) found.set(name, [...(found.get(name) ?? []), service]);
  }
  return found;
}
