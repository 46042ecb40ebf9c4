// The pieces an answer is sent in.

/** One event of a stream: its bytes, and how many tokens of output they carry. */
export interface Frame {
  data: string;
  tokens: number;
  /** The prompt's usage becomes known to the client with this frame. */
  tellsPrompt?: boolean;
  /** The whole usage becomes known to the client with this frame. */
  tellsUsage?: boolean;
}

/** A piece of text with the tokens it stands for. */
export interface Slice {
  text: string;
  tokens: number;
}

/** More would only cost time. */
const MAX_SLICES = 200;

/** A part's text in pieces of whole tokens, as even as they can be. */
export function sliceText(text: string, tokens: number): Slice[] {
  const count = Math.max(1, Math.min(tokens, MAX_SLICES));
  return Array.from({ length: count }, (_, index) => {
    const share = (total: number, at: number): number => Math.floor(total * at / count);
    return {
      text: text.slice(share(text.length, index), share(text.length, index + 1)),
      tokens: share(tokens, index + 1) - share(tokens, index),
    };
  });
}

/** Text that stands for thinking: five bytes a token. */
export function thinkingText(tokens: number): string {
  return "idea ".repeat(tokens);
}
