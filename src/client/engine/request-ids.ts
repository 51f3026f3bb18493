/** Numbers of requests, 1 to 2^32 - 1 and round again. */
const REQUEST_ID_MAX = 2 ** 32 - 1;

export class RequestIds {
  #next = 1;

  /** A number is not given again while a node may still use it. */
  take(open: ReadonlyMap<number, unknown>): number {
    while (open.has(this.#next)) this.#next = afterId(this.#next);
    const id = this.#next;
    this.#next = afterId(id);
    return id;
  }
}

function afterId(id: number): number {
  return id === REQUEST_ID_MAX ? 1 : id + 1;
}
