/** The part of Node's Buffer that the codec takes, in a browser. */
export const Buffer = {
  allocUnsafe: (size: number) => new Uint8Array(size),
  prototype: {
    /** Called with the bytes as `this`; all of them are ASCII. */
    latin1Slice(this: Uint8Array, start: number, end: number): string {
      return new TextDecoder().decode(this.subarray(start, end));
    },
  },
};
