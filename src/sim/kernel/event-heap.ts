/** Events in the order of their time; those of one instant in the order in which they were scheduled. */

export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  /** null once it was taken back. */
  task: (() => void) | null;
}

/** A binary heap. What is taken back stays until its time comes, and is then passed over. */
export class EventHeap {
  readonly #slots: Scheduled[] = [];
  #order = 0;

  push(atMs: number, task: () => void): Scheduled {
    this.#order += 1;
    const event: Scheduled = { atMs, order: this.#order, task };
    this.#rise(event);
    return event;
  }

  /** The first event that was not taken back, if it is due by then; removed. */
  popUntil(untilMs: number): Scheduled | null {
    for (let first = this.#slots[0]; first !== undefined && first.atMs <= untilMs; first = this.#slots[0]) {
      this.#removeFirst();
      if (first.task !== null) return first;
    }
    return null;
  }

  #rise(event: Scheduled): void {
    const slots = this.#slots;
    let at = slots.length;
    slots.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#slot(above);
      if (!precedes(event, parent)) break;
      slots[at] = parent;
      at = above;
    }
    slots[at] = event;
  }

  #removeFirst(): void {
    const slots = this.#slots;
    const last = slots.pop();
    if (last === undefined || slots.length === 0) return;
    let at = 0;
    for (let below = 1; below < slots.length; below = 2 * at + 1) {
      let child = this.#slot(below);
      const right = slots[below + 1];
      if (right !== undefined && precedes(right, child)) {
        below += 1;
        child = right;
      }
      if (!precedes(child, last)) break;
      slots[at] = child;
      at = below;
    }
    slots[at] = last;
  }

  #slot(at: number): Scheduled {
    const event = this.#slots[at];
    if (event === undefined) throw new Error(`the heap has no slot ${at}`);
    return event;
  }
}

function precedes(left: Scheduled, right: Scheduled): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
