import { unreachable } from './assert.ts';
import type { Condition, KvRecord } from './operation.ts';

/** Whether every condition holds of what stands under the key; null: nothing does. */
export function allHold(conditions: readonly Condition[], current: KvRecord | null): boolean {
  return conditions.every((condition) => holds(condition, current));
}

/** No number means "absent", 0 neither: an absent key has no revision and no version to be equal to. */
function holds(condition: Condition, current: KvRecord | null): boolean {
  switch (condition.type) {
    case 'absent':
      return current === null;
    case 'present':
      return current !== null;
    case 'revision':
      return current?.modRevision === condition.modRevision;
    case 'version':
      return current?.version === condition.version;
    default:
      return unreachable(condition);
  }
}
