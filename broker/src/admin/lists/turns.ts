/** Lists whose work waits, in the order in which they asked. */
const waiting: (() => void)[] = [];

/**
 * Resolves when it is the turn of who asks. Only one has its turn each time round the event loop, however many work at lists, so that MQTT
 * clients never wait for more than one slice. A process has one event loop, hence one such line.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(letOneGo);
  });
}

function letOneGo(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneGo);
}
