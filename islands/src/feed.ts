// Follows the ledger's highest entry number over server-sent events, with back-off. No DOM in here, so that it can be tested with a fake source.

export type FeedState = "live" | "reconnecting" | "stopped";

export interface Source {
  onopen: ((event: Event) => unknown) | null;
  onmessage: ((event: MessageEvent<string>) => unknown) | null;
  onerror: ((event: Event) => unknown) | null;
  close(): void;
}

export interface FeedOptions {
  seq: number;
  open: () => Source;
  onEntry: (seq: number) => void;
  onState: (state: FeedState) => void;
  /** Injected in tests. */
  later?: (run: () => void, ms: number) => unknown;
  cancel?: (timer: unknown) => void;
  random?: () => number;
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/** Doubles to half a minute, each time between half and all of it: after a server restart a hundred screens must not knock at once. */
export function backOff(failures: number, random: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures) * (0.5 + random / 2);
}

/** The entry number in a message: `42`, `{"seq": 42}` or the event's id. Anything else is no number and changes nothing. */
export function entryNumber(event: { data: string; lastEventId?: string }): number {
  for (const text of [event.data, event.lastEventId ?? ""]) {
    try {
      const value: unknown = JSON.parse(text);
      const seq = typeof value === "object" && value !== null && "seq" in value ? value.seq : value;
      if (typeof seq === "number" && Number.isFinite(seq)) return seq;
    } catch {
      // not JSON: a comment or a keep-alive word
    }
  }
  return NaN;
}

export class Feed {
  seq: number;
  #options: Required<FeedOptions>;
  #source: Source | undefined;
  #timer: unknown;
  #failures = 0;

  constructor(options: FeedOptions) {
    this.#options = {
      later: (run, ms) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer as number),
      random: Math.random,
      ...options,
    };
    this.seq = options.seq;
  }

  /** Opens the stream, or does nothing when it is open. The server answers with the present number at once, which catches up what was missed. */
  start(): void {
    if (this.#source) return;
    this.#options.cancel(this.#timer);
    const source = this.#options.open();
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#options.onState("live");
    };
    source.onmessage = (event) => {
      const seq = entryNumber(event);
      if (!(seq > this.seq)) return;
      this.seq = seq;
      this.#options.onEntry(seq);
    };
    source.onerror = () => {
      // the browser's own retry has no back-off and gives up on an HTTP error: always start a new source ourselves
      this.#close();
      this.#options.onState("reconnecting");
      this.#timer = this.#options.later(() => this.start(), backOff(this.#failures++, this.#options.random()));
    };
  }

  stop(): void {
    this.#options.cancel(this.#timer);
    this.#close();
    this.#options.onState("stopped");
  }

  #close(): void {
    this.#source?.close();
    this.#source = undefined;
  }
}
