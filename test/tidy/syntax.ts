import { parseAst } from 'vitest/node';

import type { SourceFile } from './repository.ts';

/** One node of the parser's tree; its other fields are read with the guards below. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  readonly specifier: string;
  /** Nothing of it is left after compilation. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** What may stand between a node and its parent: enough to tell a use of a name from a mere spelling of it. */
type Visit = (node: SyntaxNode, parent: SyntaxNode | null, field: string) => void;

export function parse(file: SourceFile): SyntaxNode {
  const tree: unknown = parseAst(file.text, { lang: file.path.endsWith('.ts') ? 'ts' : 'js' });
  if (!isNode(tree)) throw new Error(`${file.path} did not parse`);
  return tree;
}

export function walk(root: SyntaxNode, visit: Visit): void {
  const descend = (node: SyntaxNode, parent: SyntaxNode | null, field: string): void => {
    visit(node, parent, field);
    for (const [name, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) descend(child, node, name);
      }
    }
  };
  descend(root, null, '');
}

export function lineOf(file: SourceFile, node: SyntaxNode): number {
  return file.text.slice(0, node.start).split('\n').length;
}

/** Static, dynamic and type imports, and re-exports. */
export function importsOf(file: SourceFile): readonly Import[] {
  const imports: Import[] = [];
  walk(parse(file), (node) => {
    const source = node['source'];
    if (!isNode(source) || typeof source['value'] !== 'string') return;
    imports.push({ specifier: source['value'], typeOnly: isTypeOnly(node), line: lineOf(file, node) });
  });
  return imports;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.type === 'TSImportType') return true;
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = nodesIn(node, 'specifiers');
  return (
    specifiers.length > 0 &&
    specifiers.every((each) => each['importKind'] === 'type' || each['exportKind'] === 'type')
  );
}

/** Names that the code refers to, as values or types; `a.process` and `{ process: 1 }` only spell the name. */
export function namesUsed(
  file: SourceFile,
): readonly { readonly name: string; readonly member: string | null; readonly line: number }[] {
  const names: { name: string; member: string | null; line: number }[] = [];
  walk(parse(file), (node, parent, field) => {
    const name = node['name'];
    if (node.type !== 'Identifier' || typeof name !== 'string' || onlySpelled(parent, field)) return;
    names.push({ name, member: field === 'object' ? memberOf(parent) : null, line: lineOf(file, node) });
  });
  return names;
}

function onlySpelled(parent: SyntaxNode | null, field: string): boolean {
  if (parent === null || parent['computed'] === true) return false;
  if (field === 'property' || field === 'imported' || field === 'exported') return true;
  // The key of `{ process }` is also its value, which is visited as a node of its own.
  return field === 'key' || field === 'label';
}

function memberOf(parent: SyntaxNode | null): string | null {
  const property = parent?.['property'];
  if (!isNode(property) || parent?.['computed'] === true) return null;
  return typeof property['name'] === 'string' ? property['name'] : null;
}

/** The text with the insides of strings and templates blanked: what remains is code and comments. */
export function withoutStrings(file: SourceFile, tree = parse(file)): string {
  const strings: SyntaxNode[] = [];
  walk(tree, (node) => {
    const isString = node.type === 'Literal' && typeof node['value'] === 'string';
    if (isString || node.type === 'TemplateElement') strings.push(node);
  });
  let through = 0;
  const parts = strings
    .toSorted((left, right) => left.start - right.start)
    .map(({ start, end }) => {
      const before = file.text.slice(through, start);
      through = end;
      return before + file.text.slice(start, end).replaceAll(/[^\n]/gu, ' ');
    });
  return parts.join('') + file.text.slice(through);
}

export function nodesIn(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
