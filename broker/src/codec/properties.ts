import type { AckProperties, UserProperties } from "./packet.js";
import { type PropertiesOf, type PropertyCarrier, type PropertyRow, ROWS_BY_ID, ROWS_BY_NAME } from "./property-table.js";
import { malformed, ProtocolError, violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { binaryLength, requireInteger, stringLength, topicLength, varintLength, type Writer } from "./writer.js";

type PropertyValue = boolean | number | string | Uint8Array | readonly [string, string];

/** What every packet without properties carries. Shared, so most packets cost no object for them. */
export const NO_PROPERTIES: Readonly<Record<never, never>> = Object.freeze({});

/** Reads the property length and the properties after it, in any order. */
export function readProperties<C extends PropertyCarrier>(reader: Reader, carrier: C): PropertiesOf[C] {
  const length = reader.varint("property length");
  if (length === 0) return NO_PROPERTIES as PropertiesOf[C];

  const section = reader.section(length, "properties");
  const rows = ROWS_BY_ID[carrier]!;
  const properties: Record<string, PropertyValue | PropertyValue[]> = {};
  while (section.remaining > 0) {
    const id = section.varint("property identifier");
    const row = rows[id];
    if (row === undefined) throw malformed(`property 0x${id.toString(16)} is unknown or not allowed in this packet`); // 2.2.2.2

    const value = readValue(section, row);
    if (value === 0 && row.zeroIs !== undefined) throw new ProtocolError(row.zeroIs, `${row.name} is 0`);

    const earlier = properties[row.name];
    if (row.repeatable) {
      if (earlier === undefined) properties[row.name] = [value];
      else (earlier as PropertyValue[]).push(value);
    } else {
      if (earlier !== undefined) throw violation(`${row.name} occurs more than once`);
      properties[row.name] = value;
    }
  }
  return properties as unknown as PropertiesOf[C];
}

/** Bytes of the properties with the length in front of them. Refuses what the carrier may not have and values that do not fit. */
export function propertiesLength<C extends PropertyCarrier>(properties: PropertiesOf[C], carrier: C): number {
  const length = sumOfLengths(properties, carrier);
  return varintLength(length, "properties") + length;
}

/** Writes what `propertiesLength` has measured, in the order in which the object has its keys. */
export function writeProperties<C extends PropertyCarrier>(writer: Writer, properties: PropertiesOf[C], carrier: C): void {
  writer.varint(sumOfLengths(properties, carrier));
  forEachValue(properties, carrier, (row, value) => {
    writer.varint(row.id);
    writeValue(writer, row, value);
  });
}

/**
 * The packet without reason string and user properties, for a receiver whose Maximum Packet Size it would exceed
 * ([MQTT-3.2.2-19], [MQTT-3.4.2-2] and their like) or who asked for no problem information (3.1.2.11.7).
 */
export function withoutOptionalProperties<P extends { readonly properties: AckProperties }>(packet: P): P {
  const { reasonString: _, userProperties: __, ...properties } = packet.properties;
  return { ...packet, properties };
}

function sumOfLengths(properties: object, carrier: PropertyCarrier): number {
  if (properties === NO_PROPERTIES) return 0;
  let length = 0;
  forEachValue(properties, carrier, (row, value) => {
    length += 1 + valueLength(row, value);
  });
  return length;
}

function forEachValue(properties: object, carrier: PropertyCarrier, visit: (row: PropertyRow, value: PropertyValue) => void): void {
  if (properties === NO_PROPERTIES) return;
  const rows = ROWS_BY_NAME[carrier]!;
  // By their names: an array for each property would be 1 KB of garbage for each CONNACK of 5.0.
  for (const name of Object.keys(properties)) {
    const value = (properties as Record<string, PropertyValue | readonly PropertyValue[] | undefined>)[name];
    if (value === undefined) continue;
    const row = rows.get(name);
    if (row === undefined) throw new RangeError(`'${name}' is not a property of this packet`);
    if (row.repeatable) for (const one of value as readonly PropertyValue[]) visit(row, one);
    else visit(row, value as PropertyValue);
  }
}

function readValue(reader: Reader, row: PropertyRow): PropertyValue {
  switch (row.type) {
    case "bit":
      return readBit(reader, row.name);
    case "boolean":
      return readBit(reader, row.name) === 1;
    case "u16":
      return reader.u16(row.name);
    case "u32":
      return reader.u32(row.name);
    case "varint":
      return reader.varint(row.name);
    case "utf8":
      return reader.utf8(row.name);
    case "topic":
      return reader.topicName(row.name);
    case "binary":
      return reader.binary(row.name);
    case "pair":
      return [reader.utf8("user property name"), reader.utf8("user property value")]; // [MQTT-1.5.7-1]
  }
}

function readBit(reader: Reader, field: string): number {
  const value = reader.u8(field);
  if (value > 1) throw violation(`${field} is ${value}, neither 0 nor 1`);
  return value;
}

function valueLength(row: PropertyRow, value: PropertyValue): number {
  switch (row.type) {
    case "bit":
      requireInteger(value as number, 0, 1, row.name);
      return 1;
    case "boolean":
      return 1;
    case "u16":
      requireInteger(value as number, row.zeroIs === undefined ? 0 : 1, 0xffff, row.name);
      return 2;
    case "u32":
      requireInteger(value as number, row.zeroIs === undefined ? 0 : 1, 0xffff_ffff, row.name);
      return 4;
    case "varint":
      if (value === 0) throw new RangeError(`'${row.name}' must not be 0`);
      return varintLength(value as number, row.name);
    case "utf8":
      return stringLength(value as string, row.name);
    case "topic":
      return topicLength(value as string, row.name);
    case "binary":
      return binaryLength(value as Uint8Array, row.name);
    case "pair":
      return stringLength((value as UserProperties[number])[0], row.name) + stringLength((value as UserProperties[number])[1], row.name);
  }
}

function writeValue(writer: Writer, row: PropertyRow, value: PropertyValue): void {
  switch (row.type) {
    case "bit":
    case "boolean":
      writer.u8(Number(value), row.name);
      break;
    case "u16":
      writer.u16(value as number, row.name);
      break;
    case "u32":
      writer.u32(value as number, row.name);
      break;
    case "varint":
      writer.varint(value as number);
      break;
    case "utf8":
    case "topic":
      writer.utf8(value as string);
      break;
    case "binary":
      writer.binary(value as Uint8Array);
      break;
    case "pair":
      writer.utf8((value as UserProperties[number])[0]);
      writer.utf8((value as UserProperties[number])[1]);
      break;
  }
}
