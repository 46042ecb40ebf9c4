// What every launch profile is asked and answers: pure decisions, the launcher does the I/O.
import type { LaunchAddition, LaunchAdditionId } from "../protocol.ts";
import type { GatewayTargets, GatewayWish } from "./gateway_route.ts";

/** Where an agent reports to. */
export interface Receiver {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Header and value that name the session. */
  header: string;
  key: string;
}

export interface ProfileRequest {
  /** Words that the agent itself gets. */
  args: readonly string[];
  /** Ours, and a UUID: Claude takes it for its own. */
  sessionId: string;
  receiver: Receiver;
  /** Where a settings file of this run will be, should one be needed. */
  settingsFile: string;
  /** Whether an addition is wanted, by the launch or the settings. */
  wants: (id: LaunchAdditionId) => boolean;
  /** The user's own telemetry: where it is set. It wins. */
  ownTelemetry: string | undefined;
  /** JSON of a `--settings` that the user gave, if it could be read. */
  ownSettings: Record<string, unknown> | undefined;
  /** Missing where model calls cannot go through us at all. */
  gateway?: GatewayWish;
}

export interface Profile {
  /** The words, ours added. */
  args: string[];
  /** Variables to add. */
  env: Record<string, string>;
  /** To be written to `settingsFile`, readable by the user alone. */
  settings?: Record<string, unknown>;
  /** The agent's own id of its conversation, where it is known before the start. */
  agentSessionId?: string;
  additions: LaunchAddition[];
  /** Where model calls go behind the gateway; missing when they do not pass it. */
  gateway?: GatewayTargets;
}

/** How long a record waits for others before it is posted; what waits at a kill is lost. */
const EXPORT_EVERY_MS = 100;

/** The variables that make an agent post its model calls as OTLP over http/json. */
export function exporterVariables({ url, header, key }: Receiver): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: `${header}=${key}`,
    OTEL_LOGS_EXPORT_INTERVAL: String(EXPORT_EVERY_MS),
    OTEL_BLRP_SCHEDULE_DELAY: String(EXPORT_EVERY_MS),
  };
}
