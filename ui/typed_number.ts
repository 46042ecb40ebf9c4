// Numbers as people type them: commas between groups of three digits, and nowhere else.

/** Without its commas where they part thousands; as it was where they do not, such as in `2,50`. */
export function withoutThousandsCommas(text: string): string {
  return /^\d{1,3}(,\d{3})+(?!\d|,)/.test(text) ? text.replaceAll(",", "") : text;
}
