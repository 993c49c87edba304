const SLASH = 0x2f;

/**
 * How many levels a topic has, empty ones included: a limit that is ours, asked for every PUBLISH.
 *
 * All else that the standard forbids in a topic name has been refused where its bytes were read (`decodeTopicName`).
 */
export function topicLevels(topic: string): number {
  let levels = 1;
  for (let i = 0; i < topic.length; i++) if (topic.charCodeAt(i) === SLASH) levels++;
  return levels;
}
