import { Deferred } from "../../journal/deferred.js";
import { StoreReplay } from "../../persistence/store-replay.js";
import type { Engine } from "./engine.js";
import { decodeJournalFrame, JournalAssembly } from "./journal-frames.js";
import { PeerError } from "./peer-error.js";

const LOOK_MS = 500;

/** Reads a broker's journal up to the message of that sequence, which has to be there. Rejects when nobody wants it any more. */
export async function readJournal(
  engine: Engine,
  { stream, subject }: { readonly stream: string; readonly subject: string },
  { upTo, isOver = () => false }: { readonly upTo: number; readonly isOver?: () => boolean },
): Promise<StoreReplay> {
  const assembly = new JournalAssembly();
  const read = new Deferred();
  const tail = engine.tail(stream, {
    subject,
    onMessage: ({ sequence, bytes }) => {
      if (!assembly.add(decodeJournalFrame(bytes), sequence)) return false;
      if (sequence >= upTo) read.resolve();
      return true;
    },
  });
  tail.expect(upTo);
  const timer = setInterval(() => {
    if (isOver()) read.reject(new PeerError("the broker has left the others"));
  }, LOOK_MS);
  try {
    await read.promise;
  } finally {
    clearInterval(timer);
    void tail.stop();
  }
  const replay = new StoreReplay();
  assembly.replay(replay);
  replay.dropLoose();
  return replay;
}
