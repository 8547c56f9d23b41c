import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { prefix, startNginx } from '../../common/nginx.ts'
import type { Peer } from '../../common/peer.ts'

/** nginx as a cache of what the upstream answers. */
export async function startCachingNginx(upstream: string): Promise<Peer> {
  mkdirSync(join(prefix, 'cache'), { recursive: true })
  return startNginx({
    ready: 'bench-small',
    http: `proxy_cache_path ${prefix}/cache keys_zone=packuments:10m max_size=1g use_temp_path=off inactive=1h;`,
    server: `location / {
      proxy_pass ${upstream.replace(/\/$/, '')};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache packuments;
      proxy_cache_key "$request_uri|$http_accept|$http_accept_encoding";
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Vary;
      proxy_cache_lock on;
    }`,
  })
}
