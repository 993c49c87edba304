import { describe, expect, it } from "vitest";
import { ProxyProtocolError } from "../../src/transport/proxy/proxy-header.js";
import { parseProxyHeader } from "../../src/transport/proxy/proxy-protocol.js";
import { PROXIED_CLIENT, sslTlv, tlv, V1_LINE, v2Header } from "./proxy-bytes.js";

/** Flags of the TLS field. */
const SSL = 1;
const CERTIFICATE_ON_CONNECTION = 2;
const CERTIFICATE_IN_SESSION = 4;

const TLS_FIELDS = [tlv(0x21, "TLSv1.3"), tlv(0x23, "TLS_AES_128_GCM_SHA256"), tlv(0x22, "device-1")];
const IPV6 = Buffer.from("20010db800000000000000000000000100000000000000000000ffff0a0000011267e2b3", "hex");

describe("a PROXY header of version 1", () => {
  it.each([
    ["TCP4 192.0.2.7 198.51.100.1 4711 8883", PROXIED_CLIENT],
    ["TCP4 255.255.255.255 255.255.255.255 65535 65535", { address: "255.255.255.255", port: 65_535 }],
    ["TCP6 2001:db8::1 ::1 1 0", { address: "2001:db8::1", port: 1, localAddress: "::1", localPort: 0 }],
    [`TCP6 ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`, { address: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" }],
  ])("tells the ends of a connection: PROXY %s", (fields, expected) => {
    const line = `PROXY ${fields}\r\n`;
    expect(parseProxyHeader(Buffer.from(`${line}\x10rest`))).toMatchObject({ length: line.length, peer: expected });
  });

  it.each(["UNKNOWN", `UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`])("may know nothing: PROXY %s", (fields) => {
    const line = `PROXY ${fields}\r\n`;
    expect(parseProxyHeader(Buffer.from(line))).toEqual({ length: line.length, peer: undefined });
  });

  it.each([
    ["TCP4 192.0.2.7 198.51.100.1 4711 8883\n", "does not end with CR LF"],
    ["TCP5 192.0.2.7 198.51.100.1 4711 8883\r\n", "neither TCP4, TCP6 nor UNKNOWN"],
    ["\r\n", "neither TCP4, TCP6 nor UNKNOWN"],
    ["TCP4 192.0.2.256 198.51.100.1 4711 8883\r\n", "wrong address"],
    ["TCP4 ::1 ::1 4711 8883\r\n", "wrong address"],
    ["TCP6 192.0.2.7 198.51.100.1 4711 8883\r\n", "wrong address"],
    ["TCP4 192.0.2.7 198.51.100.1 4711 65536\r\n", "wrong port"],
    ["TCP4 192.0.2.7 198.51.100.1 04711 8883\r\n", "wrong port"],
    ["TCP4 192.0.2.7 198.51.100.1 4711\r\n", "wrong port"],
    ["TCP4 192.0.2.7 198.51.100.1 4711 8883 \r\n", "too many fields"],
    [`UNKNOWN ${"x".repeat(100)}`, "longer than 107 bytes"],
  ])("is refused: PROXY %j (%s)", (rest, problem) => {
    expect(() => parseProxyHeader(Buffer.from(`PROXY ${rest}`))).toThrow(ProxyProtocolError);
    expect(() => parseProxyHeader(Buffer.from(`PROXY ${rest}`))).toThrow(problem);
  });
});

describe("a PROXY header of version 2", () => {
  it.each([
    ["IPv4", v2Header(), PROXIED_CLIENT],
    [
      "IPv6",
      v2Header({ familyAndTransport: 0x21, addresses: IPV6 }),
      { address: "2001:db8::1", localAddress: "::ffff:10.0.0.1", port: 4711, localPort: 58_035 },
    ],
    [
      "UNIX",
      v2Header({ familyAndTransport: 0x31, addresses: Buffer.alloc(216, "x") }),
      { address: "", port: 0, localAddress: "", localPort: 0 },
    ],
  ])("tells the ends of a connection over %s", (_, header, expected) => {
    expect(parseProxyHeader(Buffer.concat([header, Buffer.from("rest")]))).toEqual({ length: header.length, peer: expected });
  });

  it.each([
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["1::", "00010000000000000000000000000000"],
    ["1:0:2:3:4:5:6:7", "00010000000200030004000500060007"],
    ["1::2:0:0:3", "00010000000000000002000000000003"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ])("writes addresses as RFC 5952 wants them: %s", (text, hex) => {
    const addresses = Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(20)]);
    expect(parseProxyHeader(v2Header({ familyAndTransport: 0x21, addresses }))?.peer?.address).toBe(text);
  });

  it.each([
    ["LOCAL, which a health check is", v2Header({ command: 0 })],
    ["LOCAL with an unknown family", v2Header({ command: 0, familyAndTransport: 0xff })],
    ["PROXY of an unspecified family", v2Header({ familyAndTransport: 0, addresses: Buffer.alloc(0) })],
    ["PROXY of an unspecified family with bytes to skip", v2Header({ familyAndTransport: 0, addresses: tlv(0xee, "skipped") })],
  ])("may be about the proxy itself: %s", (_, header) => {
    expect(parseProxyHeader(header)).toEqual({ length: header.length, peer: undefined });
  });

  it.each([
    ["on this connection", CERTIFICATE_ON_CONNECTION],
    ["earlier in the session", CERTIFICATE_IN_SESSION],
  ])("tells the TLS in front of the proxy, with a certificate shown %s", (_, flag) => {
    const ssl = sslTlv(SSL | flag, 0, TLS_FIELDS);
    const header = v2Header({ tlvs: [tlv(0x04, Buffer.alloc(9)), tlv(0x02, "mqtt.example"), tlv(0xea, "unknown"), ssl] });
    expect(parseProxyHeader(header)?.peer?.tls).toEqual({
      version: "TLSv1.3",
      cipher: "TLS_AES_128_GCM_SHA256",
      serverName: "mqtt.example",
      certificate: { commonName: "device-1", subjectAltNames: "" },
    });
  });

  it.each([
    ["no certificate", SSL, 0],
    ["a certificate that was not verified", SSL | CERTIFICATE_ON_CONNECTION, 18],
  ])("names no one for %s", (_, client, verify) => {
    const tls = parseProxyHeader(v2Header({ tlvs: [sslTlv(client, verify, TLS_FIELDS)] }))?.peer?.tls;
    expect(tls).toEqual({ version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" });
  });

  it("tells no TLS if the client did not use it", () => {
    const header = v2Header({ tlvs: [tlv(0x02, "mqtt.example"), sslTlv(0, 0, TLS_FIELDS)] });
    expect(parseProxyHeader(header)?.peer).toEqual(PROXIED_CLIENT);
  });

  it("may have a checksum", () => {
    expect(parseProxyHeader(v2Header({ tlvs: [tlv(0x04, "")], checksum: "right" }))?.peer).toEqual(PROXIED_CLIENT);
  });

  it.each([
    ["a wrong checksum", v2Header({ checksum: "wrong" }), "does not have its checksum"],
    ["a checksum of a wrong length", v2Header({ tlvs: [tlv(0x03, "xyz")] }), "checksum of a wrong length"],
    ["version 1", v2Header({ version: 1 }), "version 1"],
    ["command 2", v2Header({ command: 2 }), "unknown command 2"],
    ["family 4", v2Header({ familyAndTransport: 0x41 }), "unknown address family 4"],
    ["datagrams", v2Header({ familyAndTransport: 0x12 }), "not for a stream"],
    ["too few bytes for its addresses", v2Header({ familyAndTransport: 0x21 }), "too short for its addresses"],
    ["a field that is cut off", v2Header({ tlvs: [Buffer.from([0xea, 0, 2, 1])] }), "reaches beyond its end"],
    ["half a field", v2Header({ tlvs: [Buffer.from([0xea])] }), "reaches beyond its end"],
    ["a TLS field that is too short", v2Header({ tlvs: [tlv(0x20, "abcd")] }), "too short"],
    [
      "a TLS field with a part that is cut off",
      v2Header({ tlvs: [sslTlv(SSL, 0, [Buffer.from([0x21, 0, 9])])] }),
      "reaches beyond its end",
    ],
  ])("is refused with %s", (_, header, problem) => {
    expect(() => parseProxyHeader(header)).toThrow(ProxyProtocolError);
    expect(() => parseProxyHeader(header)).toThrow(problem);
  });
});

describe("a connection without a PROXY header", () => {
  it.each(["\x10\x0c\0\x04MQTT", "GET / HTTP/1.1", "PRAXY TCP4", "\r\n\r\n\r\n", "\x16\x03\x01"])(
    "is refused as soon as it differs: %j",
    (text) => {
      expect(() => parseProxyHeader(Buffer.from(text, "latin1"))).toThrow("does not start with a PROXY header");
    },
  );
});

describe("a PROXY header in parts", () => {
  it.each([
    ["version 1", V1_LINE],
    ["version 2", v2Header({ tlvs: [sslTlv(SSL, 0, TLS_FIELDS)], checksum: "right" })],
  ])("is waited for at every split, %s", (_, header) => {
    for (let length = 0; length < header.length; length++) {
      expect(parseProxyHeader(header.subarray(0, length))).toBeUndefined();
    }
    expect(parseProxyHeader(header)?.length).toBe(header.length);
  });

  it("may be of the greatest length that version 2 can say", () => {
    const header = v2Header({ tlvs: [tlv(0x04, Buffer.alloc(65_535 - 12 - 3))] });
    expect(parseProxyHeader(header)).toEqual({ length: 65_551, peer: PROXIED_CLIENT });
  });
});
