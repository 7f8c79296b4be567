/**
 * Every code that an error of socket-el can carry, and what it says. The part before the dot is its class:
 * `config`, `profile` and `usage` are the operator's input, `environment`, `stage` and `sink` what surrounds us,
 * `source` the peer we read from, `runner` our own code.
 */
export const ERROR_CODES = {
  'config.cycle': 'Runners depend on each other in a circle.',
  'config.duplicate': 'Something that must be unique is there twice: a name, a key, an entry of depends_on.',
  'config.encoding': 'The file is not UTF-8.',
  'config.missing': 'A key that is needed is not there.',
  'config.plugin': 'A plug-in cannot be imported, or exports no varieties.',
  'config.range': 'A number, size or duration is too small or too large.',
  'config.reference':
    'A reference or an entry of depends_on leads to something of the wrong kind, or to nothing.',
  'config.size': 'The file is too large.',
  'config.tabs': 'A tab stands where YAML wants spaces.',
  'config.type': 'A value of another kind is expected: a map, a list, text.',
  'config.unknown_key': 'The key is not known here.',
  'config.unknown_name': 'The name of a runner, type or variety is not known.',
  'config.unreadable': 'The configuration file is not there or is no file.',
  'config.value': 'The value has the right kind and the wrong form.',
  'config.yaml': 'The file is not YAML, or uses of it what is refused here.',
  'environment.missing_variable': 'An environment variable that a reference names is not set.',
  'environment.unreadable_file': 'A file that a reference names cannot be read.',
  'environment.unavailable':
    'Something of the machine that is needed is not to be had: a port, a program, a kind of lock.',
  'profile.ambiguous': 'There are two profile files where one is expected.',
  'profile.missing': 'A profile file that was asked for is not there.',
  'profile.unknown': 'No profile file has an entry of that name.',
  'profile.unsafe': 'Others can write the profile file, it belongs to somebody else, or it is no file.',
  'row.malformed':
    'A message is not what the configuration says: no JSON, or no rows where they should be. It becomes a dead letter.',
  'runner.aborted': 'A runner did not end in the time it was given.',
  'runner.accounting':
    'What came in and what went out differ: a fault of socket-el. The stage has every message.',
  'runner.crash_loop': 'A runner failed five times within a minute.',
  'runner.failed': 'A runner threw something that nobody expected, or its thread ended.',
  'sink.connection': 'The sink cannot be reached, or the connection to it broke. Tried again.',
  'sink.copied_stage':
    'The ledger holds these batches with other contents: the stage was copied. See `stage rekey`.',
  'sink.ledger_behind':
    'The ledger does not hold what the cursor has passed: another database, or an older copy of it. See `stage replay`.',
  'sink.poison': 'The server refuses very many rows of a batch. See `on_poison`.',
  'sink.refused':
    'The sink does not accept us or our statement: password, rights, a missing database or table.',
  'sink.replan': 'The table changed while it was loaded. Tried again with what it is now.',
  'sink.row_count': 'The server took another number of rows than were sent, as a trigger or rule may cause.',
  'sink.statement': 'The server refuses rows that it should take, as a constraint or trigger makes it.',
  'sink.target_missing': 'The table that batches were loaded into is gone.',
  'source.closed': 'The source ended the connection. Tried again.',
  'source.connection': 'The source cannot be reached, or the connection to it broke. Tried again.',
  'source.file': 'A file that is a source cannot be read.',
  'source.position_lost': 'The source is not the one any more that was read up to here.',
  'source.refused': 'The source does not want us; asking again would not help.',
  'stage.damaged': 'A file of the stage is damaged beyond what is mended.',
  'stage.disk': 'The disk failed in a way that may lose what was written, so the runner stops.',
  'stage.locked': 'Another process writes this stage, or reads it under this name.',
  'stage.missing': 'There is no stage where one is expected.',
  'stage.removed': 'A file of the stage was removed while it was written.',
  'stage.unsafe': 'The file system, as one of a network, does not hold what a stage needs.',
  'usage.argument': 'An argument or option of the command line is wrong.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
