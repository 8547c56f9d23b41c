import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, scratch, start, waitUntilUp } from '../children.ts'
import type { Peer } from './peer.ts'

/** One worker that caches what the upstream answers. Everything it writes stays in the scratch directory. */
export async function startNginx(upstream: string): Promise<Peer> {
  const port = await freePort()
  const prefix = join(scratch, 'nginx')
  mkdirSync(join(prefix, 'cache'), { recursive: true })
  writeFileSync(join(prefix, 'nginx.conf'), configuration(prefix, port, upstream))
  const child = start('nginx', 'nginx', ['-p', prefix, '-c', join(prefix, 'nginx.conf'), '-e', join(prefix, 'error.log'), '-g', 'daemon off;'])
  const url = `http://127.0.0.1:${port}/`
  await waitUntilUp(child, `${url}bench-small`)
  const version = spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr.replace(/^.*\//s, '').trim()
  return { name: 'nginx', version, url, pid: child.pid, stop: child.stop }
}

/**
 * `sendfile` and `tcp_nopush` stay off: together they make bodies just above 64 kB wait for a delayed
 * acknowledgement on loopback (about 40 ms a response), which would measure the kernel's timer.
 */
function configuration(prefix: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${prefix}/${kind};`).join('\n  ')
  // Without this, root's worker becomes `nobody`, who may not write here.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user}
worker_processes 1;
pid ${prefix}/nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary}
  access_log off;
  sendfile off;
  tcp_nopush off;
  keepalive_requests 100000000;
  proxy_cache_path ${prefix}/cache keys_zone=packuments:10m max_size=1g use_temp_path=off inactive=1h;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream.replace(/\/$/, '')};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache packuments;
      proxy_cache_key "$request_uri|$http_accept|$http_accept_encoding";
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary;
      proxy_cache_lock on;
    }
  }
}
`
}
