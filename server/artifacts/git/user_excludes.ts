// The ignore rules that a user keeps for all repositories, found as git finds them, from the user's own files only.
import { isAbsolute, join } from "node:path";
import { parseConfigText } from "./config_text.ts";
import { readSmallFile } from "./small_files.ts";

const MAX_BYTES = 1024 * 1024;

/** Their text; empty when there are none. */
export function readUserExcludes(
  { home, configHome }: { home: string; configHome?: string | undefined },
): string {
  const directory = join(configHome || join(home, ".config"), "git");
  const configs = [join(directory, "config"), join(home, ".gitconfig")].map((path) =>
    readSmallFile(path, MAX_BYTES) ?? ""
  );
  const named = parseConfigText(configs.join("\n")).get("core.excludesfile");
  const path = named?.replace(/^~\//, `${home}/`);
  if (path !== undefined) return isAbsolute(path) ? readSmallFile(path, MAX_BYTES) ?? "" : "";
  return readSmallFile(join(directory, "ignore"), MAX_BYTES) ?? "";
}
