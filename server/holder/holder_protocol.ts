// The versioned conversation between server and holder: greeting, calls with answers, events.
import { AppError, ERROR_STATUS, type ErrorCode } from "../errors.ts";
import type { HolderApi, HolderEvent } from "./api.ts";
import { readInteger, readRecord, readText } from "./plain_shape.ts";

/**
 * Versions of the conversation that this code speaks. A change that an older end would misunderstand raises `max`;
 * `min` rises only when an older holder cannot be left to finish its sessions any more.
 */
export const PROTOCOL: { min: number; max: number } = { min: 1, max: 3 };

/** The first version in which whether a session is paused without a server can be changed while it runs. */
export const SINCE_PAUSE_CHANGES = 2;

/** The first version in which a client says something at least every `HEARTBEAT_MS`. */
export const SINCE_HEARTBEATS = 3;
export const HEARTBEAT_MS = 5000;

export type HolderOperation = keyof HolderApi;

/** First message of a client. */
export interface Hello {
  hello: { secret: string; min: number; max: number; version: string };
}

/** The holder's answer to a right greeting; a wrong one is answered by closing. */
export interface Welcome {
  welcome: { protocol: number; version: string; pid: number };
}

export interface CallMessage {
  id: number;
  operation: string;
  /** Terminal bytes of the call travel beside it, under the name `bytes`. */
  call: Record<string, unknown>;
}

export type AnswerMessage =
  /** An answer that is bytes has no `value`. */
  | { id: number; value?: unknown }
  | { id: number; error: { code: ErrorCode; message: string } };

export interface EventMessage {
  event: HolderEvent;
}

/** Each throws a TypeError for a body that is something else. */
export function parseHello(body: unknown): Hello {
  const { secret, min, max, version } = readRecord(readRecord(body)["hello"]);
  return {
    hello: {
      secret: readText(secret),
      min: readInteger(min),
      max: readInteger(max),
      version: readText(version),
    },
  };
}

export function parseWelcome(body: unknown): Welcome {
  const { protocol, version, pid } = readRecord(readRecord(body)["welcome"]);
  return { welcome: { protocol: readInteger(protocol), version: readText(version), pid: readInteger(pid) } };
}

export function parseCall(body: unknown): CallMessage {
  const { id, operation, call } = readRecord(body);
  return { id: readInteger(id), operation: readText(operation), call: readRecord(call) };
}

/** The newest version that both ends speak; undefined when there is none. */
export function negotiate(
  ours: { min: number; max: number },
  theirs: { min: number; max: number },
): number | undefined {
  const version = Math.min(ours.max, theirs.max);
  return version >= Math.max(ours.min, theirs.min) ? version : undefined;
}

/** A failed answer as the error that it was at the other end. */
export function errorOf({ code, message }: { code: string; message: string }): AppError {
  return new AppError(code in ERROR_STATUS ? code as ErrorCode : "internal", message);
}
