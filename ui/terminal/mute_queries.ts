// Keeps a terminal from answering queries: the server's screen is the only one that does.

/** The part of xterm's parser that is used. */
export interface QueryParser {
  registerCsiHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    callback: (params: (number | number[])[]) => boolean,
  ): Disposer;
  registerDcsHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    callback: (data: string) => boolean,
  ): Disposer;
  registerOscHandler(code: number, callback: (data: string) => boolean): Disposer;
}

interface Disposer {
  dispose(): void;
}

/** Sequences that only ever ask something: device attributes, status, modes, version, kitty flags. */
const CSI_QUERIES = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { final: "x" },
  { prefix: "?", final: "u" },
  { prefix: "?", final: "m" },
  { intermediates: "$", final: "w" },
  { intermediates: "*", final: "y" },
  { intermediates: "#", final: "S" },
  { prefix: "?", final: "S" },
];

const DCS_QUERIES = [{ intermediates: "$", final: "q" }, { intermediates: "+", final: "q" }];

/** Colours: the palette, then text, background, cursor and the rest of xterm's dynamic colours. */
const OSC_COLORS = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** Clipboard, and the status queries that agent CLIs send: never handled in a page. */
const OSC_SILENT = [52, 7501];

/** `CSI Ps t` with these parameters asks for a report. */
const WINDOW_REPORTS = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

/** Registers the handlers; they live as long as the terminal. */
export function muteQueries(parser: QueryParser): void {
  for (const id of CSI_QUERIES) parser.registerCsiHandler(id, () => true);
  for (const id of DCS_QUERIES) parser.registerDcsHandler(id, () => true);
  for (const code of OSC_COLORS) parser.registerOscHandler(code, asksForColor);
  for (const code of OSC_SILENT) parser.registerOscHandler(code, () => true);
  parser.registerCsiHandler(
    { final: "t" },
    ([first]) => typeof first === "number" && WINDOW_REPORTS.has(first),
  );
}

/** Modes that make pointer movements and focus changes type into the program. */
const REPORTING_MODES = new Set([9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016]);

/** For terminals without an input path: the pointer selects text, whatever the program asked for. */
export function ignoreReportingModes(parser: QueryParser): void {
  for (const final of ["h", "l"]) {
    parser.registerCsiHandler(
      { prefix: "?", final },
      (params) => params.every((param) => typeof param === "number" && REPORTING_MODES.has(param)),
    );
  }
}

function asksForColor(data: string): boolean {
  return data.split(";").includes("?");
}
