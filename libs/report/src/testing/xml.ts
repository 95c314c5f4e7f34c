// A strict reader of the XML that reports are made of: no DTDs, no CDATA, no comments, and an error for all that is not well-formed.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const TOKEN =
  /<(?<close>\/)?(?<name>[A-Za-z][\w:.-]*)(?<attributes>(?:\s+[\w:.-]+="[^"<]*")*)\s*(?<empty>\/)?>|(?<text>[^<]+)/y;
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g;
const CHARACTERS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescaped = (text: string): string =>
  text.replaceAll(/&([^;]*;)?/g, (whole, entity: string | undefined) => {
    const character = ENTITIES[entity?.slice(0, -1) ?? ''];
    if (character === undefined) throw new Error(`An ampersand that is not escaped: ${whole}`);
    return character;
  });

export function readXml(source: string): Element {
  if (!CHARACTERS.test(source)) throw new Error('A character that XML cannot hold');
  const body = source.replace(/^<\?xml [^?]*\?>\n/, '').replace(/^<!doctype html>\n/, '');
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(body)?.groups;
    if (found === undefined) throw new Error(`Not well-formed: ${body.slice(from, from + 60)}`);
    const parent = open.at(-1) ?? root;
    const { close, name = '', attributes = '', empty, text } = found;
    if (text !== undefined) parent.children.push(unescaped(text));
    else if (close !== undefined) {
      if (parent.name !== name || open.length === 1) throw new Error(`</${name}> ends <${parent.name}>`);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [
        key,
        unescaped(value),
      ]);
      const element: Element = { name, attributes: Object.fromEntries(pairs), children: [] };
      if (Object.keys(element.attributes).length !== pairs.length)
        throw new Error(`<${name}> repeats an attribute`);
      parent.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  const elements = root.children.filter((child) => typeof child !== 'string');
  const [only] = elements;
  if (open.length !== 1 || only === undefined || elements.length !== 1)
    throw new Error('Not one whole element');
  return only;
}

/** All within it, of this name or of any, in the order of the text. */
export function elementsOf(element: Element, name?: string): readonly Element[] {
  const found: Element[] = [];
  const visit = ({ children }: Element): void => {
    for (const child of children) {
      if (typeof child === 'string') continue;
      if (name === undefined || child.name === name) found.push(child);
      visit(child);
    }
  };
  visit(element);
  return found;
}

export const textOf = (element: Element): string =>
  element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
