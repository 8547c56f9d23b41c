import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, scratch, start, waitUntilUp } from './children.ts'
import type { Peer } from './peer.ts'

interface Site {
  /** Directives of the `http` block. */
  http?: string
  /** Directives of the `server` block. */
  server: string
  /** A path that it answers. */
  ready: string
}

/** nginx's own folder, for what it writes and what it serves. */
export const prefix = join(scratch, 'nginx')

/** One worker. Everything it writes stays in the scratch directory. */
export async function startNginx(site: Site): Promise<Peer> {
  const port = await freePort()
  mkdirSync(prefix, { recursive: true })
  writeFileSync(join(prefix, 'nginx.conf'), configuration(port, site))
  const child = start('nginx', 'nginx', ['-p', prefix, '-c', join(prefix, 'nginx.conf'), '-e', join(prefix, 'error.log'), '-g', 'daemon off;'])
  const url = `http://127.0.0.1:${port}/`
  await waitUntilUp(child, `${url}${site.ready}`)
  const version = spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr.replace(/^.*\//s, '').trim()
  return { name: 'nginx', version, url, pid: child.pid, stop: child.stop }
}

/**
 * `sendfile` and `tcp_nopush` stay off: together they make bodies just above 64 kB wait for a delayed
 * acknowledgement on loopback (about 40 ms a response), which would measure the kernel's timer.
 */
function configuration(port: number, { http = '', server }: Site): string {
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
  ${http}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`
}
