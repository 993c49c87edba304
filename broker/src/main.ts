/*
 * The companion broker is not here yet. Until it is, starting it says so instead of doing nothing.
 */
console.error("mqttd: this package does not contain the broker yet; see the open issues of the repository");
process.exitCode = 1;
