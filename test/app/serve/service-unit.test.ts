import { describe, expect, it } from 'vitest';
import type { ServeOptions } from '../../../src/app/serve/serve-options.ts';
import { environmentFile, serviceUnit, unitName } from '../../../src/app/serve/service-unit.ts';

const OPTIONS: ServeOptions = {
  host: '127.0.0.1',
  port: 50_000,
  tokenFile: null,
  tls: null,
  insecure: false,
  allowOrigins: [],
  allowHosts: [],
};
const SERVICE = {
  cluster: 'shop',
  directory: '/srv/shop',
  options: OPTIONS,
  variableFiles: [],
  program: ['/usr/bin/node', '/usr/lib/node_modules/slipway/dist/main.js'],
  user: 'deploy',
  group: '1000',
  home: '/home/deploy',
};

describe('the unit of a server', () => {
  it('of a directory of its own user', () => {
    expect(serviceUnit(SERVICE)).toMatchInlineSnapshot(`
      "# Written by \`slipway serve --install\`; \`slipway serve --uninstall\` in the directory below takes it off.
      [Unit]
      Description=slipway serve: cluster shop
      Wants=network-online.target
      After=network-online.target

      [Service]
      Type=exec
      User=deploy
      Group=1000
      WorkingDirectory=/srv/shop
      EnvironmentFile=-/etc/slipway/shop.env
      ExecStart=/usr/bin/node /usr/lib/node_modules/slipway/dist/main.js serve --listen=127.0.0.1:50000
      ExecReload=/bin/kill -HUP $MAINPID
      Restart=on-failure
      RestartForceExitStatus=SIGHUP
      RestartSec=2s
      # A stop lets the current run finish what is in flight. What the local provider has started belongs to the cluster: it goes on.
      KillMode=process
      TimeoutStopSec=30min
      UMask=0077

      NoNewPrivileges=yes
      ProtectSystem=strict
      ProtectHome=read-only
      ReadWritePaths=/srv/shop -/home/deploy/.ssh
      PrivateTmp=yes
      PrivateDevices=yes
      ProtectControlGroups=yes
      ProtectKernelModules=yes
      ProtectKernelTunables=yes
      ProtectClock=yes
      ProtectHostname=yes
      RestrictNamespaces=yes
      RestrictRealtime=yes
      RestrictSUIDSGID=yes
      RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
      LockPersonality=yes
      SystemCallArchitectures=native
      CapabilityBoundingSet=
      AmbientCapabilities=

      [Install]
      WantedBy=multi-user.target
      "
    `);
  });

  it('of root, on another address, with tokens', () => {
    const options = {
      ...OPTIONS,
      host: '::',
      port: 443,
      tokenFile: '/etc/slipway/tokens',
      tls: { certFile: '/etc/slipway/a b.pem', keyFile: '/etc/slipway/100%"$k.pem' },
      allowOrigins: ['https://board.example.com'],
      allowHosts: ['ops.example.com'],
    };
    const root = { user: 'root', group: '0', home: '/root' };
    const unit = serviceUnit({ ...SERVICE, ...root, options, variableFiles: ['/srv/shop/live.vars.hcl'] });
    expect(unit).toContain(
      'dist/main.js serve --listen=[::]:443 --token-file=/etc/slipway/tokens "--tls-cert=/etc/slipway/a b.pem" ' +
        '"--tls-key=/etc/slipway/100%%\\"$$k.pem" --allow-origin=https://board.example.com --allow-host=ops.example.com --var-file=/srv/shop/live.vars.hcl\n',
    );
    expect(unit).toContain('User=root\n');
    expect(unit).not.toContain('Capability');
  });

  it('of another user may have a port of root', () => {
    const unit = serviceUnit({ ...SERVICE, options: { ...OPTIONS, port: 443 } });
    expect(unit).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE\n');
  });

  it('sees its own directory, also below /tmp', () => {
    expect(serviceUnit(SERVICE)).toContain('PrivateTmp=yes');
    expect(serviceUnit({ ...SERVICE, directory: '/tmp/shop' })).not.toContain('PrivateTmp');
  });

  it('is named after the cluster', () => {
    expect(unitName('shop')).toBe('slipway-shop.service');
    expect(unitName('my shop/../x')).toBe('slipway-my-shop-..-x.service');
    expect(environmentFile('shop')).toBe('/etc/slipway/shop.env');
  });
});
