// What has to stay of a screen while nothing happens to it, and when nothing will any more.
import type { Screen, ScreenSnapshot } from "./screen.ts";
import type { Keyframe } from "./screen_messages.ts";

export interface RestState {
  snapshot: ScreenSnapshot;
  /** Bytes of output it was given; some may be behind the snapshot. */
  end: number;
  lastScreen: ScreenSnapshot | undefined;
}

/** The last full-screen program's screen is of interest only if nearly nothing came after it. */
const LAST_SCREEN_WINDOW_BYTES = 64 * 1024;

export function restState(screen: Screen): RestState {
  return { snapshot: screen.snapshot(), end: screen.end, lastScreen: screen.lastScreen };
}

/** Whether the snapshot is all there is: a screen made from it goes on like the one it was taken from. */
export function isComplete({ snapshot, end }: RestState): boolean {
  return snapshot.exact && snapshot.offset === end;
}

/** What is stored when the output has ended. */
export function lastKeyframes({ snapshot, end, lastScreen }: RestState): Keyframe[] {
  const isRecent = lastScreen !== undefined && end - lastScreen.offset <= LAST_SCREEN_WINDOW_BYTES;
  return [...isRecent ? [{ ...lastScreen, kind: "last_screen" as const }] : [], { ...snapshot, kind: "end" }];
}
