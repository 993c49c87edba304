/** In the page, this stands for Node's. */
declare const Buffer: typeof import("./codec-buffer.js").Buffer;
