import { setTimeout as delay } from 'node:timers/promises';

/**
 * What is shown, in the order in which it is played: each scene types into a terminal and waits until it can be drawn.
 * `isInProject`: the terminal is in the project's folder, not in that of a user.
 *
 * @typedef {{ name: string, title: string, columns: number, rows: number, isInProject?: boolean, play: (terminal: import('./tmux.mjs').Terminal) => Promise<void>, leave?: (terminal: import('./tmux.mjs').Terminal) => Promise<void> }} Scene
 */

const WATCH_MS = 9000;
/** A minute of it, and what comes before and after. */
const CHAOS_MS = 180_000;

/** @type {Scene[]} */
export const SCENES = [
  {
    name: 'error',
    title: 'socket-el validate',
    columns: 120,
    rows: 20,
    play: async (terminal) => {
      terminal.type('socket-el validate typos.yml');
      await terminal.untilShown(/\d problems/);
    },
  },
  {
    name: 'doctor',
    title: 'socket-el doctor',
    columns: 120,
    rows: 40,
    play: async (terminal) => {
      terminal.type('socket-el doctor trades.yml --only trades');
      await terminal.untilShown(/in the way of a run/);
    },
  },
  {
    name: 'run',
    title: 'socket-el run',
    columns: 120,
    rows: 16,
    play: async (terminal) => {
      terminal.type('socket-el run trades.yml');
      await terminal.untilShown(/loaded {3}0 dead/);
      await delay(WATCH_MS);
    },
    leave: async (terminal) => {
      terminal.interrupt();
      await terminal.untilShown(/run \S+ succeeded/);
    },
  },
  {
    name: 'closing',
    title: 'socket-el run, at its end',
    columns: 120,
    rows: 20,
    play: async (terminal) => {
      terminal.type('socket-el run trades.yml --for 3s');
      await terminal.untilShown(/run \S+ succeeded/);
    },
  },
  {
    name: 'status',
    title: 'socket-el status',
    columns: 120,
    rows: 16,
    play: async (terminal) => {
      terminal.type('(socket-el run trades.yml --for 20s --no-progress > /dev/null 2>&1 &); clear');
      await delay(WATCH_MS / 2);
      await terminal.untilReady();
      terminal.type('socket-el status trades.yml');
      await terminal.untilShown(/warehouse {2}running/);
    },
  },
  {
    name: 'chaos',
    title: 'npm run demo -- --chaos',
    columns: 120,
    rows: 38,
    isInProject: true,
    play: async (terminal) => {
      terminal.type('npm run --silent demo -- --chaos');
      await terminal.untilShown(/on record in[\s\S]*lost 0 · doubled 0/, CHAOS_MS);
    },
  },
];
