// Follows a secret that is longer than what its pattern looks at.

/** In pieces, because a pattern over megabytes takes the engine's stack. */
const PIECE = /[^\s"'`,;<>(){}[\]]{1,4096}/y;

/** Where the run of characters ends that may belong to the same word; `at` itself if none does. */
export function endOfRun(text: string, at: number): number {
  let end = at;
  for (;;) {
    PIECE.lastIndex = end;
    const piece = PIECE.exec(text)?.[0];
    if (piece === undefined) return end;
    end += piece.length;
  }
}
