/**
 * Where each setting's value comes from. The nearest voice wins: flag, then variable, then configuration file, then
 * default. A key that nobody knows is an error: a misspelt setting must not be silently ignored.
 */
import { QuorateError } from '../wire/errors.ts';
import { nearest } from './settings-spelling.ts';
import { flagOf, SETTINGS, variableOf } from './settings-table.ts';
import type { Setting, SettingRow } from './settings-table.ts';

export interface SettingsInput {
  /** By key, as given on the command line; undefined for a flag not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly file?: SettingsFile | null;
}

export interface SettingsFile {
  readonly path: string;
  readonly content: unknown;
}

export interface Source {
  readonly from: 'flag' | 'variable' | 'file' | 'default';
  /** The flag, the variable or the file by name. */
  readonly name: string;
}

interface Given {
  readonly raw: unknown;
  readonly source: Source;
}

export interface EffectiveSetting {
  readonly key: string;
  /** null: required and not given. */
  readonly value: string | null;
  readonly source: Source;
}

const KEYS = SETTINGS.map(({ key }) => key);
const VARIABLES = KEYS.map(variableOf);
const DEFAULT: Source = { from: 'default', name: 'default' };

/** What was given, by key; every key known. */
export class GivenSettings {
  readonly #given = new Map<string, Given>();

  constructor({ flags = {}, env = {}, file = null }: SettingsInput) {
    if (file !== null) this.#addFile(file);
    this.#addVariables(env);
    for (const [key, raw] of Object.entries(flags)) {
      if (raw === undefined) continue;
      if (!KEYS.includes(key)) throw unknownKey(flagOf(key), nearest(key, KEYS), flagOf);
      this.#given.set(key, { raw, source: { from: 'flag', name: flagOf(key) } });
    }
  }

  /** Keys that begin with two slashes are comments, JSON having none. */
  #addFile({ path, content }: SettingsFile): void {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new QuorateError('CONFIG_INVALID', `${path} is not a JSON object of settings`);
    }
    for (const [key, raw] of Object.entries(content)) {
      if (key.startsWith('//')) continue;
      if (!KEYS.includes(key)) throw unknownKey(`"${key}" in ${path}`, nearest(key, KEYS), quoted);
      this.#given.set(key, { raw, source: { from: 'file', name: path } });
    }
  }

  /**
   * An empty variable is one not set (container files often have them). Foreign ones are left alone unless they look
   * like a misspelt setting: Kubernetes makes QUORATE_PORT and others for a service named quorate.
   */
  #addVariables(env: Readonly<Record<string, string | undefined>>): void {
    for (const { key } of SETTINGS) {
      const variable = variableOf(key);
      const raw = env[variable];
      if (raw !== undefined && raw !== '') {
        this.#given.set(key, { raw, source: { from: 'variable', name: variable } });
      }
    }
    for (const variable of Object.keys(env)) {
      if (!variable.startsWith('QUORATE_') || VARIABLES.includes(variable) || isForeign(variable)) continue;
      const word = variable.slice('QUORATE_'.length);
      const meant = nearest(
        word,
        KEYS.map((key) => variableOf(key).slice('QUORATE_'.length)),
      );
      if (meant !== null) throw unknownKey(variable, meant, (each) => `QUORATE_${each}`);
    }
  }

  sourceOf(key: string): Source {
    return this.#given.get(key)?.source ?? DEFAULT;
  }

  /** The value given, checked; or the default; undefined where that follows from other settings. */
  take<T>(setting: Setting<T>): T | undefined {
    const given = this.#given.get(setting.key);
    if (given === undefined) return setting.fallback.type === 'value' ? setting.fallback.value : undefined;
    const parsed = setting.kind.parse(given.raw);
    if (parsed.ok) return parsed.value;
    throw badValue(setting.key, given, parsed.rule);
  }

  /** As `take`, for settings without which there is no node. */
  require<T>(setting: Setting<T>): T {
    const value = this.take(setting);
    if (value !== undefined) return value;
    throw new QuorateError('CONFIG_INVALID', `${setting.key} is not set. ${setting.about}`, {
      details: {
        hint: `give ${flagOf(setting.key)} ${setting.kind.metavar}, ${variableOf(setting.key)}, or "${setting.key}" in a --config file`,
      },
    });
  }

  effective(row: SettingRow): EffectiveSetting {
    const { key, fallback } = row;
    const given = this.#given.get(key);
    if (given === undefined) return { key, value: shown(fallback), source: DEFAULT };
    const checked = row.check(given.raw);
    if (!checked.ok) throw badValue(key, given, checked.rule);
    return { key, value: checked.value, source: given.source };
  }
}

function shown(fallback: SettingRow['fallback']): string | null {
  if (fallback.type === 'required') return null;
  return fallback.type === 'value' ? fallback.value : `(${fallback.from})`;
}

/** Variables of the command line's other faces, and those that orchestrators make for a service of our name. */
function isForeign(variable: string): boolean {
  return (
    /^QUORATE_(?:PORT|SERVICE_HOST|SERVICE_PORT)(?:_|$)/.test(variable) ||
    /^QUORATE_(?:CONFIG|ENDPOINTS|OUTPUT|TIMEOUT|NODES)$/.test(variable)
  );
}

function badValue(key: string, { raw, source }: Given, rule: string): QuorateError {
  const value = typeof raw === 'string' ? `"${raw}"` : JSON.stringify(raw);
  const where = source.from === 'file' ? ` in ${source.name}` : ` (from ${source.name})`;
  return new QuorateError('CONFIG_INVALID', `${key} is ${value}${where}; allowed: ${rule}`);
}

function unknownKey(what: string, meant: string | null, name: (key: string) => string): QuorateError {
  const hint = meant === null ? 'quorate config print lists every setting' : `did you mean ${name(meant)}?`;
  return new QuorateError('CONFIG_INVALID', `${what} is not a setting`, { details: { hint } });
}

function quoted(key: string): string {
  return `"${key}"`;
}
