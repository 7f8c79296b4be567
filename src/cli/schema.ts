import type { Command } from 'commander';

/** `socket-el schema` */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('Prints the JSON Schema of configurations, by which editors complete and check.')
    .option('--config <file>', 'with the varieties of the plug-ins of this configuration')
    .action(schema);
}

async function schema({ config }: { readonly config?: string }): Promise<void> {
  const { configSchema } = await import('../engine/config/config-schema.js');
  const { loadVarieties } = await import('../engine/config/load-pipeline.js');
  process.stdout.write(`${JSON.stringify(configSchema(await loadVarieties(config)), null, 2)}\n`);
}
