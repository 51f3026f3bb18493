import { once } from 'node:events';

import { WebSocket } from 'ws';

/** One message a frame, answers in order: what the socket costs before anyone has done anything. @type {import('../load.mjs').OpenDriver} */
export async function open(target) {
  const socket = new WebSocket(target, { perMessageDeflate: false });
  await once(socket, 'open');
  /** @type {((value: unknown) => void)[]} */
  const waiting = [];
  let answered = 0;
  socket.on('message', (data) => {
    waiting[answered]?.(data);
    answered += 1;
    if (answered < 4_096) return;
    waiting.splice(0, answered);
    answered = 0;
  });
  return {
    echo: (payload) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(payload);
      }),
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}
