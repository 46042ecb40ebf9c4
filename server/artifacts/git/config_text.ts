// Reads a git configuration as text: values are looked at, nothing in them is followed or done.

/** Values by `section.key` or `section.subsection.key`; section and key in lower case. The last one wins, as in git. */
export function parseConfigText(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.replaceAll("\\\n", "").split("\n")) {
    const header = line.match(/^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\](.*)$/);
    if (header) section = sectionName(header);
    const entry = (header?.[3] ?? line).match(/^\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/);
    if (entry && section !== "") values.set(`${section}.${entry[1]?.toLowerCase()}`, plainValue(entry[2]));
  }
  return values;
}

function sectionName([, name = "", subsection]: RegExpMatchArray): string {
  if (subsection === undefined) return name.toLowerCase();
  return `${name.toLowerCase()}.${subsection.replace(/\\(.)/g, "$1")}`;
}

/** Without quotes and comments; a key alone means true. */
function plainValue(raw: string | undefined): string {
  if (raw === undefined) return "true";
  let value = "";
  for (const [part, quoted] of raw.matchAll(/"((?:[^"\\]|\\.)*)"|[#;].*|\\.|[^"#;\\]+|"/g)) {
    if (/^[#;]/.test(part)) break;
    value += quoted === undefined ? part : quoted.replace(/\\(.)/g, "$1");
  }
  return value.trim();
}
