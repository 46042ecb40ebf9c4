// Opens an address in the user's browser without showing its secret to other users of the machine.

/** The command line of a process is readable by everyone, so the browser gets a private file that leads on. */
export async function openBrowser(
  url: string,
  options: { redirectFile: string; platform: string },
): Promise<void> {
  const page =
    `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><title>Agents Fleet</title>`;
  await Deno.writeTextFile(options.redirectFile, page, { mode: 0o600 });
  const command = options.platform === "darwin" ? "open" : "xdg-open";
  const { success } = await new Deno.Command(command, {
    args: [options.redirectFile],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error(`${command} failed`);
}
