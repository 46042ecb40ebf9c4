// What a kind of session looks like.

import { Asterisk, Hexagon, type IconNode, SquareTerminal } from "lucide";
import type { SessionKind } from "../../server/protocol.ts";

const ICONS: Record<SessionKind, IconNode> = { claude: Asterisk, codex: Hexagon, shell: SquareTerminal };

export function kindIcon(kind: SessionKind): IconNode {
  return ICONS[kind];
}
