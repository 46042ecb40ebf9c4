// A command that we cannot take apart: nothing but environment variables, and only where an agent is named in it.
import { telemetryAddition } from "./claude.ts";
import { planShellRoute } from "./gateway_route.ts";
import { exporterVariables, type Profile, type ProfileRequest } from "./profile.ts";

const NAMES_CLAUDE = /(^|[\s;&|(/])claude(\s|$|[;&|)])/;

interface ShellRequest extends ProfileRequest {
  /** Telemetry, and the gateway, are wanted whatever the command says. */
  isForced: boolean;
  isRouted: boolean;
  env: Readonly<Record<string, string>>;
}

/** `command` as the shell gets it; aliases that start Claude are not recognised: switch the addition on for them. */
export function planShellLine(command: string, request: ShellRequest): Profile {
  const telemetry = planTelemetry(command, request);
  const { isRouted, env } = request;
  const chosen = request.gateway?.chosen;
  const route = planShellRoute(request.receiver, {
    on: isRouted,
    env,
    ...(chosen === undefined ? {} : { chosen }),
  });
  return {
    args: [],
    env: { ...telemetry.env, ...route.env },
    ...(route.targets ? { gateway: route.targets } : {}),
    additions: [...telemetry.additions, route.addition],
  };
}

function planTelemetry(command: string, request: ShellRequest): Pick<Profile, "env" | "additions"> {
  const isNamed = NAMES_CLAUDE.test(command);
  const on = request.ownTelemetry === undefined &&
    (request.isForced || (isNamed && request.wants("telemetry")));
  if (!isNamed && !request.isForced) return { env: {}, additions: [offered(request)] };
  const addition = telemetryAddition({ request, on, flags: [], note: request.ownTelemetry });
  const env = on
    ? {
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      OTEL_LOGS_EXPORTER: "otlp",
      ...exporterVariables(request.receiver),
    }
    : {};
  return { env, additions: [addition] };
}

/** Off unless switched on: any program with OpenTelemetry of its own would send us what it has. */
function offered(request: ProfileRequest): Profile["additions"][number] {
  const addition = telemetryAddition({ request, on: false, flags: [], note: request.ownTelemetry });
  return {
    ...addition,
    note: addition.note ?? "Switch on if this starts Claude Code by an alias or a script",
  };
}
