// A git repository for browser tests, and what an agent does to it.
import { dirname } from "node:path";

export interface TestRepository {
  root: string;
  git(...args: string[]): Promise<string>;
  write(path: string, text: string | Uint8Array): Promise<void>;
}

/** Without any commit yet. */
export async function makeRepository(root: string): Promise<TestRepository> {
  await Deno.mkdir(root, { recursive: true });
  const git = async (...args: string[]): Promise<string> => {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args,
      cwd: root,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    }).output();
    if (!success) throw new Error(`git ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  const write = async (path: string, text: string | Uint8Array): Promise<void> => {
    await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
    await Deno.writeFile(`${root}/${path}`, typeof text === "string" ? new TextEncoder().encode(text) : text);
  };
  await git("init", "-q", "-b", "main");
  await git("config", "user.name", "Agent");
  await git("config", "user.email", "agent@example.invalid");
  return { root, git, write };
}
