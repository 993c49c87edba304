/** Characters that SASLprep maps to nothing (RFC 3454, B.1) and to a space (C.1.2). */
const TO_NOTHING = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu;
const TO_SPACE = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/gu;

/** Controls, private use, surrogates, unassigned and non-characters (C.2 to C.5), then what is not plain text, or shows it otherwise (C.6 to C.9). */
const PROHIBITED = [
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}]/u,
  /[\u06DD\u070F\u180E\u2028\u2029\u2061-\u2063\uFFF9-\uFFFD\u{1D173}-\u{1D17A}]/u,
  /[\u2FF0-\u2FFB\u200E\u200F\u202A-\u202E\u206A-\u206F\u{E0001}\u{E0020}-\u{E007F}]/u,
  /\u0340|\u0341/u,
];

/**
 * User names and passwords as SCRAM compares them: SASLprep (RFC 4013) without its rule about right-to-left text, which JavaScript has no table for.
 *
 * @returns undefined if the text has a character that is prohibited, or nothing is left of it
 */
export function saslPrep(text: string): string | undefined {
  const prepared = text.replace(TO_SPACE, " ").replace(TO_NOTHING, "").normalize("NFKC");
  return prepared === "" || PROHIBITED.some((characters) => characters.test(prepared)) ? undefined : prepared;
}
