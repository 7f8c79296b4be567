import { createProgram } from '../../dist/cli/program.js';
import { cell, code, page, table } from './markdown.mjs';

const EXIT_CODES = `Exit codes: 0 done; 1 a runner failed; 2 configuration or usage; 3 environment, such as a database that refuses us, a
locked stage, a full disk; 128 and the signal’s number at a second signal.`;

/**
 * @param {import('commander').Command} command
 * @param {string} prefix
 */
function commandsBelow(command, prefix) {
  return command.commands.flatMap((child) => {
    const name = `${prefix} ${child.name()}`;
    return child.commands.length > 0 ? commandsBelow(child, name) : [{ name, command: child }];
  });
}

/** @param {import('commander').Argument} argument */
function argumentText(argument) {
  const name = argument.name().toUpperCase() + (argument.variadic ? '…' : '');
  return argument.required ? name : `[${name}]`;
}

/** @param {import('commander').Option} option */
function optionRow({ flags, description, defaultValue, defaultValueDescription, argChoices }) {
  const fallback = defaultValueDescription ?? (typeof defaultValue === 'boolean' ? undefined : defaultValue);
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return [
    code(flags),
    code(fallback === undefined ? undefined : String(fallback)),
    cell(`${description}${choices}`),
  ];
}

function commandParts({ name, command }) {
  const usage = [name, ...command.registeredArguments.map(argumentText)].join(' ');
  const { options } = command;
  return [
    `## \`${usage}\``,
    command.description(),
    options.length === 0 ? '' : table(['option', 'default', 'meaning'], options.map(optionRow)),
  ];
}

/** The page of the command line, from its own definition. */
export function commandLinePage() {
  return page(
    '# Reference: command line',
    'Printed from the program by `npm run docs`; `socket-el COMMAND --help` prints the same.',
    EXIT_CODES,
    ...commandsBelow(createProgram(), 'socket-el').flatMap(commandParts),
  );
}
