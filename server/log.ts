// Levelled log lines on standard error; the only user of the console besides the command line's own output.

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes one line per call. Values are made safe for the user's terminal and are never secrets. */
export interface Log {
  debug(message: string, details?: Record<string, unknown>): void;
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

const LEVELS: LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that writes lines of at least `level` to `write`. */
export function createLog(level: LogLevel, write: (line: string) => void = writeToStandardError): Log {
  const lowest = LEVELS.indexOf(level);
  const line = (at: LogLevel) => (message: string, details: Record<string, unknown> = {}): void => {
    if (LEVELS.indexOf(at) < lowest) return;
    const pairs = Object.entries(details).map(([name, value]) => ` ${name}=${describe(value)}`);
    write(`${new Date().toISOString()} ${at} ${printable(message)}${pairs.join("")}`);
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** Control characters as visible escapes: names of files and commands may hold terminal sequences. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function describe(value: unknown): string {
  if (value instanceof Error) return printable(JSON.stringify(value.stack ?? value.message));
  return printable(typeof value === "string" ? JSON.stringify(value) : String(value));
}

/** A closed standard error must not end the program. */
function writeToStandardError(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
  } catch (cause) {
    if (!(cause instanceof Deno.errors.BrokenPipe)) throw cause;
  }
}
