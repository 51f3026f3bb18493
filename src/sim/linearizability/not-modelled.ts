/** What Quorate can do and the checkers were not taught: they refuse to judge rather than guess. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
}

export function notModelled(what: string): never {
  throw new NotModelled(`no model of ${what} yet, so no verdict on a history that has one`);
}
