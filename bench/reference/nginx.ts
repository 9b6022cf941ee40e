import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes an nginx configuration that forwards the chat path to the upstream and reads nothing of it: what moving
 * the bytes alone costs. One process, kept-alive upstream connections, nothing buffered. Returns its path.
 */
export async function writeNginxConfig(folder: string, port: number, upstreamPort: number): Promise<string> {
  const path = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `  ${kind}_temp_path ${join(folder, kind)};`,
  );
  const text = `
daemon off;
master_process off;
pid ${join(folder, "nginx.pid")};
error_log ${join(folder, "error.log")} warn;
events { worker_connections 8192; }
http {
${temporary.join("\n")}
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 60s;
  upstream fake {
    server 127.0.0.1:${upstreamPort};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /v1/inference/chat {
      proxy_pass http://fake/v1/chat/completions;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      client_body_buffer_size 64k;
      proxy_read_timeout 60s;
    }
  }
}
`;
  await writeFile(path, text);
  return path;
}
