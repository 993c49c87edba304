/**
 * Settings that change while the broker runs, by their place in the configuration; a listener is named as logs do, between brackets.
 * Everything else needs a restart, as long as nobody says here that it does not.
 */
const RELOADABLE: readonly RegExp[] = [
  /^mqtt\./,
  /^limits\.(?!memoryBytes$)/,
  /^(maxConnections|shutdownSeconds)$/,
  /^(drain|passwordHashing|authorization)\./,
  /^admin\.(tokens|allowedHosts)$/,
  /^listeners\[[^\]]*\]\.(tls|webSocket)\./,
  /^listeners\[[^\]]*\]\.(allow|deny)Addresses/,
  /^listeners\[[^\]]*\]\.(authentication|allowAnonymous|maxConnections|maxConnectRate|connectTimeoutSeconds)$/,
  /^listeners\[[^\]]*\]\.(maxPacketBytes|maxMessageRate|maxByteRate)$/,
];

/** Settings that say who may come in by a port, which go with where and how it is reached. */
const WHO_MAY_COME: readonly RegExp[] = [
  /^admin\.tokens$/,
  /^listeners\[[^\]]*\]\.(authentication|allowAnonymous|(allow|deny)Addresses|tls\.(ca|clientCertificate)|webSocket\.allowedOrigins)$/,
];

export function isReloadable(place: string): boolean {
  return RELOADABLE.some((pattern) => pattern.test(place));
}

export function saysWhoMayCome(place: string): boolean {
  return WHO_MAY_COME.some((pattern) => pattern.test(place));
}
