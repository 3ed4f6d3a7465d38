export interface HistoryLimits<State> {
  /** Steps that can be undone. */
  readonly maxSteps: number;
  /** Bytes that only the past keeps alive; the present's own are not counted. */
  readonly maxBytes: number;
  /** The buffers that a state holds. One that several states share is the same object, and is counted once. */
  readonly buffersOf: (state: State) => Iterable<ArrayBufferLike>;
}

interface Step<State> {
  readonly state: State;
  /** What led from this state to the next, as people call it: "Brush", "Remove". */
  readonly label: string;
}

/** States that can be gone back and forth in. Immutable: each change is a new history. */
export class History<State> {
  readonly present: State;
  readonly #limits: HistoryLimits<State>;
  /** Oldest first. */
  readonly #past: readonly Step<State>[];
  /** Next first; a label says what led to the state. */
  readonly #future: readonly Step<State>[];

  private constructor(
    present: State,
    rest: {
      readonly limits: HistoryLimits<State>;
      readonly past: readonly Step<State>[];
      readonly future: readonly Step<State>[];
    },
  ) {
    this.present = present;
    this.#limits = rest.limits;
    this.#past = rest.past;
    this.#future = rest.future;
  }

  static startingWith<State>(present: State, limits: HistoryLimits<State>): History<State> {
    return new History(present, { limits, past: [], future: [] });
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** What `undo` takes back. */
  get undoLabel(): string | undefined {
    return this.#past.at(-1)?.label;
  }

  /** What `redo` does again. */
  get redoLabel(): string | undefined {
    return this.#future[0]?.label;
  }

  /** A new state by an action called `label`; what could be redone is gone, and so are the oldest steps over a limit. */
  push(state: State, label: string): History<State> {
    const past = [...this.#past, { state: this.present, label }];
    const limits = this.#limits;
    return new History(state, { limits, past: withinLimits(past, state, limits), future: [] });
  }

  /** The present as something else without a step of its own: a stroke in progress, after the `push` that began it. */
  replace(present: State): History<State> {
    return new History(present, { limits: this.#limits, past: this.#past, future: this.#future });
  }

  undo(): History<State> {
    const last = this.#past.at(-1);
    if (!last) return this;
    return new History(last.state, {
      limits: this.#limits,
      past: this.#past.slice(0, -1),
      future: [{ state: this.present, label: last.label }, ...this.#future],
    });
  }

  redo(): History<State> {
    const next = this.#future[0];
    if (!next) return this;
    return new History(next.state, {
      limits: this.#limits,
      past: [...this.#past, { state: this.present, label: next.label }],
      future: this.#future.slice(1),
    });
  }
}

/** The newest steps that fit. */
function withinLimits<State>(
  past: readonly Step<State>[],
  present: State,
  { maxSteps, maxBytes, buffersOf }: HistoryLimits<State>,
): readonly Step<State>[] {
  const counted = new Set<ArrayBufferLike>(buffersOf(present));
  const oldest = Math.max(0, past.length - maxSteps);
  let bytes = 0;
  for (let i = past.length - 1; i >= oldest; i--) {
    for (const buffer of buffersOf(past[i]!.state)) {
      if (counted.has(buffer)) continue;
      counted.add(buffer);
      bytes += buffer.byteLength;
    }
    if (bytes > maxBytes) return past.slice(i + 1);
  }
  return past.slice(oldest);
}
