/** Tells the time left of a job from the pace of its finished steps. The clock is injected; milliseconds. */
export class EtaClock {
  readonly #now: () => number;
  #phase = '';
  #startMs = 0;
  #startStep = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Time left after `step` of `steps` of `phase`; undefined until a step of it was seen to take its time. Only the pace
   * of the running phase counts: phases differ too much to tell one from another.
   */
  timeLeftMs(phase: string, step: number, steps: number): number | undefined {
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#startMs = this.#now();
      this.#startStep = step;
    }
    if (step <= this.#startStep) return undefined;
    const msPerStep = (this.#now() - this.#startMs) / (step - this.#startStep);
    return Math.round(msPerStep * (steps - step));
  }
}
