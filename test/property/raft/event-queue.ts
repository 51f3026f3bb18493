interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time: events in the order of their time, those of one instant in the order they were scheduled. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #order = 0;
  now = 0;

  after(delayMs: number, run: () => void): void {
    this.#order += 1;
    this.#heap.push({ at: this.now + delayMs, order: this.#order, run });
    this.#rise(this.#heap.length - 1);
  }

  runUntil(end: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#removeFirst();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  #at(slot: number): Event {
    const event = this.#heap[slot];
    if (event === undefined) throw new Error('no event in this slot');
    return event;
  }

  #before(left: number, right: number): boolean {
    const [a, b] = [this.#at(left), this.#at(right)];
    return a.at === b.at ? a.order < b.order : a.at < b.at;
  }

  #swap(left: number, right: number): void {
    [this.#heap[left], this.#heap[right]] = [this.#at(right), this.#at(left)];
  }

  #rise(from: number): void {
    for (let slot = from, parent = (slot - 1) >> 1; slot > 0 && this.#before(slot, parent); ) {
      this.#swap(slot, parent);
      slot = parent;
      parent = (slot - 1) >> 1;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let slot = 0; ; ) {
      let least = slot;
      for (const child of [2 * slot + 1, 2 * slot + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      }
      if (least === slot) return;
      this.#swap(slot, least);
      slot = least;
    }
  }
}
