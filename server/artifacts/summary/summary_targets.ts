// Whom summaries are asked of: the provider and model that settings and environment choose, and their own lists.
import { AppError, errorText } from "../../errors.ts";
import type { SummaryList, SummaryProviderId, SummaryProviderView, SummarySettings } from "../../protocol.ts";
import { secretsOfEnvironment } from "../secrets/environment_secrets.ts";
import { maskSecrets } from "../secrets/secrets.ts";
import type { Fetch } from "./summary_fetch.ts";
import { SummaryModel } from "./summary_model.ts";
import {
  chooseProvider,
  findProviders,
  isUsable,
  type ProviderState,
  type SummaryProvider,
  viewProvider,
} from "./summary_providers.ts";

export interface SummaryTargetsOptions {
  environment: Readonly<Record<string, string>>;
  settings: () => SummarySettings;
  fetch: Fetch;
  timeoutMs?: number;
}

export interface SummaryTarget {
  provider: SummaryProvider;
  model: string;
}

export class SummaryTargets {
  /** Values that must not leave this machine, whatever they look like. */
  readonly known: readonly string[];
  readonly #options: SummaryTargetsOptions;
  readonly #providers: readonly ProviderState[];

  constructor(options: SummaryTargetsOptions) {
    this.#options = options;
    this.#providers = findProviders(options.environment);
    this.known = secretsOfEnvironment(options.environment);
  }

  /** Who is asked next, or why nobody can be. */
  choose(): SummaryTarget | { problem: string } {
    const settings = this.#options.settings();
    const provider = chooseProvider(this.#providers, settings.summaryProvider);
    if ("problem" in provider) return provider;
    const model = provider.id === "claude" ? settings.summaryClaudeModel : settings.summaryLitellmModel;
    return { provider, model };
  }

  /** The same; throws `conflict` with the reason. */
  mustChoose(): SummaryTarget {
    const target = this.choose();
    if ("problem" in target) throw new AppError("conflict", target.problem);
    return target;
  }

  describe(): Pick<SummaryList, "provider" | "setup"> {
    const target = this.choose();
    if ("problem" in target) return { setup: target.problem };
    const { provider: { id, name, host }, model } = target;
    return { provider: { id, name, host, model } };
  }

  modelOf(provider: SummaryProvider): SummaryModel {
    const { fetch, timeoutMs } = this.#options;
    const hide = (text: string): string => maskSecrets(text, this.known).text;
    return new SummaryModel({ provider, hide, fetch, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  }

  listProviders(): SummaryProviderView[] {
    return this.#providers.map(viewProvider);
  }

  /** Names of a provider's models. Rejects with `unavailable` and the reason when it cannot be asked. */
  async listModels(id: SummaryProviderId): Promise<string[]> {
    const provider = this.#providers.find((state) => state.id === id);
    if (!provider) throw new AppError("not_found", "There is no such provider");
    if (!isUsable(provider)) throw new AppError("unavailable", provider.problem);
    try {
      return await this.modelOf(provider).listModels(new AbortController().signal);
    } catch (cause) {
      throw new AppError("unavailable", errorText(cause), { cause });
    }
  }
}
