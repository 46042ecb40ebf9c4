// Which values of the environment are secrets, told by their names: they are hidden whatever they look like.

/** Hidden however short they are. */
const OWN_KEYS = ["LITELLM_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"];
const SECRET_NAME = /key|token|secret|passw|credential/i;

export function secretsOfEnvironment(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => OWN_KEYS.includes(name) || (SECRET_NAME.test(name) && isSecretValue(value)))
    .map(([, value]) => value);
}

/** Paths and words such as `true` are no secrets although their names sound like it. */
function isSecretValue(value: string): boolean {
  return value.length >= 12 && !/^[~./]|\s/.test(value);
}
