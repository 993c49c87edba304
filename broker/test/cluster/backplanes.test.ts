import { LocalBackplane } from "../../src/cluster/local-backplane.js";
import { describeBackplane, describePeers } from "./backplane.suite.js";
import { MemoryBackplane, Switchboard } from "./memory-backplane.js";

describeBackplane("LocalBackplane", () => new LocalBackplane());
describeBackplane("MemoryBackplane", () => new MemoryBackplane(new Switchboard()));
describePeers("MemoryBackplane", () => {
  const board = new Switchboard();
  return [new MemoryBackplane(board), new MemoryBackplane(board)];
});
