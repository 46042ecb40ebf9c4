// A screen that keeps what it replied and told, and writes text.
import type { Notice } from "../notices.ts";
import { type RestorePoint, Screen } from "../screen.ts";

export class ScreenProbe {
  readonly screen: Screen;
  replies = "";
  notices: Notice[] = [];

  constructor(size: { cols?: number; rows?: number; scrollback?: number } = {}, from?: RestorePoint) {
    const options = {
      cols: 80,
      rows: 24,
      ...size,
      onReply: (bytes: Uint8Array) => void (this.replies += new TextDecoder().decode(bytes)),
      onNotice: (notice: Notice) => void this.notices.push(notice),
    };
    this.screen = new Screen(options, from);
  }

  /** Writes behind what was written before; answers the offset behind it. */
  write(output: string | Uint8Array): number {
    const bytes = typeof output === "string" ? new TextEncoder().encode(output) : output;
    const end = this.screen.end + bytes.length;
    this.screen.write(bytes, end);
    return end;
  }

  takeReplies(): string {
    const taken = this.replies;
    this.replies = "";
    return taken;
  }

  takeNotices(): Notice[] {
    const taken = this.notices;
    this.notices = [];
    return taken;
  }
}
