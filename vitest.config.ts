import { defineConfig } from 'vitest/config';

/** Tests of what must happen within milliseconds: another file beside them would make the machine late, not us. */
const TIMED = ['test/e2e/kill-socket.test.ts'];

const OTHER_POSTGRES = process.env.SOCKET_EL_TEST_OTHER_POSTGRES;

/** The sink's tests once more, on another version of PostgreSQL. */
const OTHER_PROJECTS =
  OTHER_POSTGRES === undefined || OTHER_POSTGRES === ''
    ? []
    : [
        {
          extends: true as const,
          test: {
            name: 'other postgres',
            include: ['test/producers/**/*.test.ts'],
            env: { SOCKET_EL_TEST_POSTGRES: OTHER_POSTGRES },
            maxWorkers: 2,
            sequence: { groupOrder: 2 },
          },
        },
      ];

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: { name: 'timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: TIMED,
          // The tests start servers, threads and processes of their own; more at once make each other late.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      ...OTHER_PROJECTS,
    ],
  },
});
