// Messages between server and holder on a byte stream: `u32 length of all | u32 length of JSON | JSON | bytes`, big endian.
import { concatenate } from "../concatenate.ts";

export interface WireMessage {
  /** Anything JSON can say. */
  body: unknown;
  /** Terminal bytes travel beside the JSON. */
  bytes?: Uint8Array;
}

const HEADER_BYTES = 8;
/** Far above the largest answer (a read of 4 MiB); anything longer is no message of ours. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export function encodeMessage({ body, bytes }: WireMessage): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(body));
  const out = new Uint8Array(HEADER_BYTES + json.length + (bytes?.length ?? 0));
  const view = new DataView(out.buffer);
  view.setUint32(0, out.length);
  view.setUint32(4, json.length);
  out.set(json, HEADER_BYTES);
  if (bytes) out.set(bytes, HEADER_BYTES + json.length);
  return out;
}

/** Puts messages together from pieces of a stream. */
export class MessageReader {
  #pending = new Uint8Array();

  /** Every message that is complete with this piece. Throws RangeError when the stream is not ours. */
  push(piece: Uint8Array): WireMessage[] {
    let rest = this.#pending.length === 0 ? piece : concatenate([this.#pending, piece]);
    const messages: WireMessage[] = [];
    for (
      let length = lengthOf(rest);
      length !== undefined && rest.length >= length;
      length = lengthOf(rest)
    ) {
      messages.push(decode(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    this.#pending = rest.slice();
    return messages;
  }
}

function lengthOf(data: Uint8Array): number | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0);
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
    throw new RangeError(`A message of ${length} bytes is not ours`);
  }
  return length;
}

function decode(data: Uint8Array): WireMessage {
  const jsonEnd = HEADER_BYTES + new DataView(data.buffer, data.byteOffset).getUint32(4);
  if (jsonEnd > data.length) throw new RangeError("A message is shorter than it says");
  const body: unknown = JSON.parse(new TextDecoder().decode(data.subarray(HEADER_BYTES, jsonEnd)));
  // A copy: the stream's buffer is used again.
  return jsonEnd === data.length ? { body } : { body, bytes: data.slice(jsonEnd) };
}
