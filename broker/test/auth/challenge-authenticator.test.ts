import { answerOf, ChallengeAuthenticator } from "./challenge-authenticator.js";
import { type ClientSide, describeEnhancedAuthenticator } from "./enhanced-authenticator.suite.js";

const clientWith =
  (secret: string): ClientSide =>
  (challenge) =>
    challenge === undefined ? Buffer.from("alice") : answerOf(challenge, secret);

describeEnhancedAuthenticator("ChallengeAuthenticator", () => new ChallengeAuthenticator(new Map([["alice", "right"]])), {
  honest: () => clientWith("right"),
  impostor: () => clientWith("wrong"),
  identity: { clientId: "client", userName: "alice" },
});
