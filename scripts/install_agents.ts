// Installs the pinned agents that tests with real CLIs need; it takes minutes and 700 MB, and nothing else needs it.
// deno-lint-ignore-file no-console -- a command line tool
import {
  AGENT_PACKAGES,
  agentBinary,
  type AgentName,
  agentsDirectory,
  whyNoAgent,
} from "../server/testing/real_agents.ts";

const NAMES: AgentName[] = ["claude", "codex"];

/** Runs npm in the cache folder, scripts off: the packages hold finished binaries. */
async function install(directory: string, packages: string[]): Promise<boolean> {
  await Deno.mkdir(directory, { recursive: true });
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", directory];
  const npm = new Deno.Command("npm", { args: ["install", ...flags, ...packages], cwd: directory });
  return (await npm.spawn().status).success;
}

const missing = NAMES.filter((name) => whyNoAgent(name) !== undefined);
if (missing.length > 0) {
  console.log(
    `Installing ${missing.map((name) => AGENT_PACKAGES[name]).join(", ")}: this can take some minutes`,
  );
  const isDone = await install(agentsDirectory(), NAMES.map((name) => AGENT_PACKAGES[name]));
  const stillMissing = NAMES.map(whyNoAgent).filter((reason) => reason !== undefined);
  if (!isDone || stillMissing.length > 0) {
    console.error(stillMissing.join("\n") || "npm failed");
    Deno.exit(1);
  }
}
for (const name of NAMES) console.log(`${name}: ${agentBinary(name)}`);
