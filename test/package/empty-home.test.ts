import { expect, test } from 'vitest';
import { emptyHomeEnvironment } from '../../scripts/package/empty-home.mjs';

test('an empty HOME keeps where packages come from, and nothing that leads home or stands in for a profile', () => {
  const env = {
    PATH: '/usr/bin',
    HOME: '/home/me',
    XDG_CONFIG_HOME: '/home/me/.config',
    PGPASSWORD: 'secret',
    SOCKET_EL_PROFILE: '/home/me/profile.yml',
    npm_config_local_prefix: '/home/me/code',
    npm_config_registry: 'https://packages.example',
    NPM_CONFIG_CAFILE: '/etc/authority.pem',
    INIT_CWD: '/home/me/code',
    https_proxy: 'http://proxy.example',
  };
  expect(emptyHomeEnvironment(env, '/tmp/home', { cache: '/home/me/.npm' })).toEqual({
    PATH: '/usr/bin',
    HOME: '/tmp/home',
    npm_config_cache: '/home/me/.npm',
    npm_config_registry: 'https://packages.example',
    NPM_CONFIG_CAFILE: '/etc/authority.pem',
    https_proxy: 'http://proxy.example',
  });
});
