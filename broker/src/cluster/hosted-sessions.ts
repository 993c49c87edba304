import type { OwedToGroups } from "../persistence/owed-to-groups.js";
import type { SessionOutline, WholeSession } from "../persistence/session-records.js";
import type { OnDealt } from "../persistence/session-store.js";
import type { Gate } from "../session/gate.js";

/** The sessions that this broker keeps for clients, here or away, as the link to other brokers moves them. Only those that outlive their connections. */
export interface HostedSessions {
  /** All there is of a session; undefined if there is none. */
  get(clientId: string): WholeSession | undefined;

  /** What is needed to make a place for it elsewhere. */
  outline(clientId: string): SessionOutline | undefined;

  /** Whether it is changing over between brokers, as one comes or as its broker has died. */
  isChanging(clientId: string): boolean;

  /** Whether some of what a dead broker had on its way may be for it yet, before what it has had: it is to come here. */
  mayLack(clientId: string): boolean;

  /**
   * Makes a place for a session that another broker still has: it is subscribed, and keeps what the gate lets in. A place that is there
   * already is kept. Settles when it is durable.
   */
  expect(session: SessionOutline, from: string, gate: Gate): Promise<void> | undefined;

  /** The session has come: what it had goes before what has come here meanwhile. Undefined: there is nothing more. Settles when it is durable. */
  takeIn(clientId: string, session: WholeSession | undefined): Promise<void> | undefined;

  /** Whether QoS 2 messages of its client have been taken that it has not released: some may not have come everywhere. */
  isPublishing(clientId: string): boolean;

  /**
   * Whether it was taken over from a broker that has died, or comes from the heir of the one that it was to come from: of what came to a place for it, nobody else
   * has anything.
   */
  isInherited(clientId: string): boolean;

  /** All messages come here from now on. */
  open(clientId: string): void;

  /** Sets what a session that leaves still takes here. */
  close(clientId: string, gate: Gate): void;

  /** What it has goes to another broker: messages of its shared groups are for other members, though it stays subscribed. */
  leaveGroups(clientId: string): void;

  /** It may not have come there: it takes messages of its shared groups again. */
  rejoinGroups(clientId: string): void;

  /** Another broker has it now: nothing is left of it here, and none of it ends. What it was given of shared groups and the other has not goes to others. */
  letGo(clientId: string): void;

  /**
   * Takes over the sessions of a broker that has died; those that are here already are kept, unless they are older. Settles when they are durable and all peers know
   * of their subscriptions; rejects if that cannot be now, and is then to be called again. `dealt` is told, in the change that does it, what goes to members of shared groups.
   * Waits for a session that is `underWay` from here to another broker: what was put together with it now would not come there.
   */
  adopt(
    sessions: Iterable<WholeSession>,
    estate: string,
    gate: Gate,
    dealt?: OnDealt,
    underWay?: (clientId: string) => Promise<void> | undefined,
  ): Promise<void>;

  /** Other members of shared groups get what a broker that has died had for some. `dealt` as for `adopt`. */
  dealOut(owed: Iterable<OwedToGroups>, dealt?: OnDealt): void;

  /** All that was changed over from that estate: its sessions are as any other. Gives those that had not come to it whole. */
  settled(estate: string, gate: Gate): readonly string[];

  /** Has what was changed durable; as `MessageStore.commit`. */
  commit(): Promise<void> | undefined;

  /** Nothing comes any more that this broker has taken: which of its messages sessions have had need not be known. */
  forgetTaken(origin: string): void;
}
