// Finds many words in a text that comes in pieces, in one pass (Aho-Corasick): what it costs does not depend on how
// many words there are, nor on what the text or the words look like.

/** One stretch of the text, by positions from its very beginning. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

export interface WordSearch {
  /** The longest word that ends at each place of this piece, in the order of their ends. */
  push(piece: string): Found[];
  /** How much of the end of the text so far may be the beginning of a word. */
  open(): number;
}

interface Node {
  readonly next: Map<number, Node>;
  readonly depth: number;
  /** The longest proper suffix of this place that is also the beginning of a word. */
  suffix: Node | undefined;
  /** Length of the longest word that ends here; 0 when none does. */
  longest: number;
}

const node = (depth: number): Node => ({ next: new Map(), depth, suffix: undefined, longest: 0 });

function buildTree(words: readonly string[]): Node {
  const root = node(0);
  for (const word of words) {
    let at = root;
    for (let index = 0; index < word.length; index++) {
      const unit = word.charCodeAt(index);
      const below: Node = at.next.get(unit) ?? node(index + 1);
      at.next.set(unit, below);
      at = below;
    }
    at.longest = word.length;
  }
  return root;
}

const step = (root: Node, from: Node, unit: number): Node => {
  for (let at: Node | undefined = from; at !== undefined; at = at.suffix) {
    const below = at.next.get(unit);
    if (below !== undefined) return below;
  }
  return root;
};

/** Breadth first: a place's suffix lies higher, so it is known before the place needs it. */
function linkSuffixes(root: Node): void {
  const queue = [root];
  for (const at of queue) {
    for (const [unit, below] of at.next) {
      below.suffix = at.suffix === undefined ? root : step(root, at.suffix, unit);
      below.longest ||= below.suffix.longest;
      queue.push(below);
    }
  }
}

export function createWordFinder(words: readonly string[]): () => WordSearch {
  const root = buildTree(words);
  linkSuffixes(root);
  return () => {
    let at = root;
    let position = 0;
    return {
      push(piece) {
        const found: Found[] = [];
        for (let index = 0; index < piece.length; index++) {
          at = step(root, at, piece.charCodeAt(index));
          position += 1;
          if (at.longest > 0) found.push({ start: position - at.longest, end: position });
        }
        return found;
      },
      open: () => at.depth,
    };
  };
}
