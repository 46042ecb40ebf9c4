// Changes a terminal's size and forgets what xterm keeps out of sight, so that what is visible decides the future.
import type { Terminal } from "@xterm/headless";
import type { CoreBuffer, CoreLine, XtermCore } from "./xterm_core.ts";

/**
 * Without this, cut off cells, tab stops and leftovers of overwritten characters could come back at a later resize,
 * and a snapshot, which can only hold what is visible, would go on differently.
 */
export function resizeTerminal(
  terminal: Terminal,
  core: XtermCore,
  { cols, rows }: { cols: number; rows: number },
): void {
  if (cols === core.cols && rows === core.rows) return;
  const { normal, alt } = core.buffers;
  for (const buffer of [normal, alt]) {
    buffer.savedX = Math.min(buffer.savedX, core.cols - 1);
    for (let index = 0; index < buffer.lines.length; index++) forgetOverwritten(buffer.lines.get(index));
    unrotate(buffer);
    for (const key of Object.keys(buffer.tabs)) if (Number(key) >= core.cols) delete buffer.tabs[Number(key)];
  }
  terminal.resize(cols, rows);
  for (const buffer of [normal, alt]) keepInside(buffer, core);
  if (alt.lines.length === 0) alt.lines.maxLength = core.rows;
  for (let index = 0; index < alt.lines.length; index++) alt.lines.get(index).resize(core.cols, undefined);
}

/** Reflow goes wrong differently when the ring of lines does not begin at its start; a new limit copies the ring. */
function unrotate({ lines }: CoreBuffer): void {
  const { maxLength } = lines;
  lines.maxLength = maxLength + 1;
  lines.maxLength = maxLength;
}

/** Reflow copies these to other cells. */
function forgetOverwritten(line: CoreLine): void {
  for (const key of Object.keys(line._combined)) {
    const column = Number(key);
    if (column >= line.length || line.isCombined(column) === 0) delete line._combined[column];
  }
}

/** Reflow can leave the screen beyond the last line, where the next line feed fails. */
function keepInside(buffer: CoreBuffer, { cols, rows }: XtermCore): void {
  const lastRow = buffer.lines.length === 0 ? rows - 1 : buffer.lines.maxLength - 1;
  buffer.savedX = Math.min(buffer.savedX, cols - 1);
  buffer.savedY = Math.max(0, Math.min(buffer.savedY, lastRow));
  if (buffer.lines.length === 0) return;
  buffer.ybase = Math.min(buffer.ybase, Math.max(0, buffer.lines.length - rows));
  buffer.ydisp = Math.min(buffer.ydisp, buffer.ybase);
}
