/**
 * Versions as `major.minor`, for Kubernetes and for Linux. Patch levels never decide anything here.
 *
 * @example "1.34"
 */
export type Version = `${number}.${number}`;

/** Whether `version` is `floor` or newer. */
export function atLeast(version: Version, floor: Version): boolean {
  const [major, minor] = numbers(version);
  const [floorMajor, floorMinor] = numbers(floor);
  return major > floorMajor || (major === floorMajor && minor >= floorMinor);
}

function numbers(version: Version): [number, number] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return [major, minor];
}
