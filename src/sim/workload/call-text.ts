/** What is asked and answered, on one line, for the story. */
export function textOf(value: object): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}`;
    if (each instanceof Uint8Array) return Buffer.from(each).toString();
    return isBufferJson(each) ? Buffer.from(each.data).toString() : each;
  });
}

/** A Buffer has turned itself into this before the replacer sees it. */
function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  );
}
