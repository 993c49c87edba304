/** Whether somebody means that broker: its name ends in what tells its lives apart, which may be left out. */
export function isNamed(broker: string, name: string): boolean {
  return broker === name || broker.replace(/-[\da-f]{8}$/, "") === name;
}
