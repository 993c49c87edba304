/** How far a connection has come. */
export const Phase = { AwaitingConnect: 0, Authenticating: 1, Connected: 2, Closing: 3, Closed: 4 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];
