// Where the cases of a chain stand: columns by day or generation, rows so that none covers another. Pure; draws nothing.

export interface ChainNode {
  label: string;
  day: string | null;
  onset: boolean;
  kind: "infected" | "asymptomatic" | "open";
  status: string;
  outside: boolean;
  unknown: boolean;
  cluster: number;
  generation: number | null;
  href: string;
}

export interface Placed {
  column: number;
  row: number;
}

export interface Layout {
  /** What stands above each column: a day, a generation, or null for those of whom it is not known. */
  columns: (string | null)[];
  /** Every day or generation between the first and the last has a column, so that a gap in time is a gap in the picture. */
  places: Placed[];
  rows: number;
  /** Where each cluster begins: 0 is everyone whom nothing joins to another. */
  bands: { cluster: number; row: number; rows: number; n: number }[];
}

const DAY_MS = 86_400_000;
/** More days between two cases than this are left out: a picture of empty columns tells nothing. */
const LONGEST_GAP = 45;

const utc = (iso: string) => Date.parse(`${iso}T00:00:00Z`);

function days(of: ChainNode[]): string[] {
  const known = [...new Set(of.flatMap((node) => (node.day ? [node.day] : [])))].sort();
  const found: string[] = [];
  for (const day of known) {
    const last = found.at(-1);
    if (last && utc(day) - utc(last) <= LONGEST_GAP * DAY_MS) for (let at = utc(last) + DAY_MS; at < utc(day); at += DAY_MS) found.push(new Date(at).toISOString().slice(0, 10));
    found.push(day);
  }
  return found;
}

/** Nodes come as they are to be read: those joined to nobody first, then cluster by cluster. Each cluster has a band of rows of its own. */
export function layout(nodes: ChainNode[], by: "day" | "generation"): Layout {
  const last = Math.max(-1, ...nodes.map((node) => node.generation ?? -1));
  const known = by === "day" ? days(nodes) : Array.from({ length: last + 1 }, (_, i) => String(i));
  const lost = nodes.some((node) => (by === "day" ? node.day : node.generation) === null);
  const columns: (string | null)[] = lost ? [null, ...known] : known;
  const at = new Map(columns.map((name, i) => [name, i]));
  const places: Placed[] = [];
  const bands: Layout["bands"] = [];
  let top = 0;
  for (let i = 0; i < nodes.length; ) {
    const cluster = nodes[i]!.cluster;
    const filled = new Map<number, number>();
    const first = i;
    for (; i < nodes.length && nodes[i]!.cluster === cluster; i++) {
      const node = nodes[i]!;
      const name = by === "day" ? node.day : node.generation === null ? null : String(node.generation);
      const column = at.get(name) ?? 0;
      const row = filled.get(column) ?? 0;
      filled.set(column, row + 1);
      places.push({ column, row: top + row });
    }
    const rows = Math.max(1, ...filled.values());
    bands.push({ cluster, row: top, rows, n: i - first });
    top += rows + 1;
  }
  return { columns, places, rows: Math.max(1, top - 1), bands };
}

/** The next case in a direction from one: the nearest in the next column that has any, or the next above or below in its own. */
export function step(places: Placed[], from: number, key: string): number {
  const here = places[from];
  if (!here) return places.length ? 0 : -1;
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  let best = from;
  let least = Infinity;
  places.forEach((place, i) => {
    const along = (across ? place.column - here.column : place.row - here.row) * sign;
    const aside = Math.abs(across ? place.row - here.row : place.column - here.column);
    if (along <= 0 || (!across && aside > 0)) return;
    const far = along * 1000 + aside;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}
