// Where a summary's input comes from: the input audit, the change desk, and the holder's screen or recording.
import { AppError } from "../../errors.ts";
import type { HolderApi } from "../../holder/api.ts";
import type { SessionView } from "../../protocol.ts";
import type { EventTable } from "../../store/events.ts";
import type { ChangeDesk } from "../changes/change_desk.ts";
import { screenLines } from "./plain_text.ts";
import type { SummarySources } from "./summary_input.ts";

export interface SummarySourceOptions {
  events: Pick<EventTable, "listInputs">;
  changes: Pick<ChangeDesk, "list" | "patch">;
  holder: Pick<HolderApi, "screenText" | "timeline" | "keyframe" | "read">;
}

const FIRST_INPUTS = 200;
const LAST_INPUTS = 100;
/** Of a recording's end, where no screen was stored near it. */
const MAX_TAIL_BYTES = 64 * 1024;

export function createSummarySources({ events, changes, holder }: SummarySourceOptions): SummarySources {
  return {
    inputs: (id) => events.listInputs(id, { first: FIRST_INPUTS, last: LAST_INPUTS }),
    changes: async (id) => {
      const list = await orNothing(changes.list(id, {}));
      if (!list) return undefined;
      const { files, from, to } = list;
      return { files, patch: (file) => changes.patch(id, { from, to, file }) };
    },
    screen: async (session) => {
      const lines = session.lifecycle === "ended"
        ? screenLines(await orNothing(readLastScreen(holder, session)) ?? "")
        : (await orNothing(holder.screenText({ session: session.id })) ?? []).join("\n");
      return lines;
    },
  };
}

/** What the recording's last screen was made of: a stored screen, and the output behind it. */
async function readLastScreen(holder: SummarySourceOptions["holder"], { id }: SessionView): Promise<string> {
  const { end, lastScreenOffset } = await holder.timeline({ session: id });
  const offset = lastScreenOffset ?? end;
  const keyframe = await holder.keyframe({ session: id, offset });
  const start = keyframe?.offset ?? 0;
  const from = Math.max(start, offset - MAX_TAIL_BYTES);
  const tail = offset > from
    ? await holder.read({ session: id, from, maxBytes: offset - from })
    : new Uint8Array();
  return (from === start ? keyframe?.ansi ?? "" : "") + new TextDecoder().decode(tail);
}

/** A summary can do without what is not there: no repository, no recording, a holder that is away. */
async function orNothing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof AppError && cause.code !== "internal") return undefined;
    throw cause;
  }
}
