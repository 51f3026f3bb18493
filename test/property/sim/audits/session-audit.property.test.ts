import { expect, test } from 'vitest';
import { auditSessions } from '../../../../src/sim/audits/session-audit.ts';

/** `node scripts/audits.mjs` does ten thousand. */
const INCREMENTS = 500;
const FIXED = 7;

const RUNS = [
  { nodes: 3, seed: FIXED },
  { nodes: 5, seed: FIXED },
  { nodes: 3, seed: 8 },
  { nodes: 5, seed: 8 },
];

for (const { nodes, seed } of RUNS) {
  test(`${INCREMENTS} increments on ${nodes} nodes count exactly once while 30 % of the answers get lost and leaders die, seed ${seed}`, async () => {
    const audit = await auditSessions({ seed, nodes, increments: INCREMENTS });
    expect(audit.counted).toBe(BigInt(INCREMENTS));
    // Without any of these it would prove nothing.
    expect(Math.min(audit.lostAnswers, audit.kills, audit.copies, audit.resolved)).toBeGreaterThan(0);
  });
}

test('an audit is the same history each time', async () => {
  const options = { seed: FIXED, nodes: 3, increments: 300 };
  expect(await auditSessions(options)).toEqual(await auditSessions(options));
});

test('an audit whose faults met nobody is refused', async () => {
  const calm = { seed: FIXED, nodes: 3, increments: 20, lostPercent: 0 };
  await expect(auditSessions(calm)).rejects.toThrow('a fault met nobody: it proves nothing');
});
