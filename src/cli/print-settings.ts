import { explainSettings } from '../server/settings-resolve.ts';
import type { SettingsInput } from '../server/settings-sources.ts';
import type { Output } from './output.ts';

export async function printSettings(input: SettingsInput, out: Output): Promise<void> {
  const rows = explainSettings(input).map(({ key, value, source }) => ({
    json: { key, value, source: source.from, name: source.name },
    raw: `${key}=${value ?? ''}\t${source.name}`,
    cells: [key, value ?? '(required)', source.name],
  }));
  await out.many(['SETTING', 'VALUE', 'SOURCE'], rows);
}
