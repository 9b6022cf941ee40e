import { randomBytes } from "node:crypto";
import { freshDatabase } from "../harness/database.ts";
import type { TestDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway, GatewayOptions } from "../harness/gateway.ts";
import { mintTestKey } from "../harness/keys.ts";

/** Milliseconds; several processes start at once. */
const START_MS_MAX = 30_000;

/** No limits and no pacing: load is what these tests make. */
const ENV = {
  SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
  SCAIGRID_SANDBOX_TOKEN_MS: "0",
};

/** Several gateways on one database. */
export interface Cluster {
  readonly nodes: readonly Gateway[];
  readonly database: TestDatabase;
  readonly firstKey: string;
  /** How many of them have printed a first key. */
  readonly firstKeys: number;
  /** One more, with options of its own. */
  join(options?: GatewayOptions): Promise<Gateway>;
  /** The node at that place. */
  node(index: number): Gateway;
  /** Stops all of them in good order, and drops the database. */
  stop(): Promise<void>;
}

/** Starts that many gateways at once on an empty database. */
export async function startCluster(
  count: number,
  server?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const database = await freshDatabase(server);
  const shared = {
    ...ENV,
    SCAIGRID_DATABASE_URL: database.url,
    SCAIGRID_SECRET_KEY: randomBytes(32).toString("hex"),
    ...env,
  };
  const adminKey = mintTestKey();
  const start = (options: GatewayOptions = {}): Promise<Gateway> =>
    startGateway({
      startTimeoutMs: START_MS_MAX,
      ...options,
      node: { adminKey },
      env: { ...shared, ...options.env },
    });
  const nodes = await Promise.all(Array.from({ length: count }, () => start()));
  const printing = nodes.filter((node) => node.printedFirstKey);
  const firstKey = printing[0]?.firstKey;
  if (firstKey === undefined) throw new Error("no node has printed a first key");
  for (const node of nodes) node.useFirstKey(firstKey);
  return {
    nodes,
    database,
    firstKey,
    firstKeys: printing.length,
    async join(options) {
      const node = await start(options);
      node.useFirstKey(firstKey);
      nodes.push(node);
      return node;
    },
    node(index) {
      const node = nodes[index];
      if (node === undefined) throw new Error(`there is no node ${index}`);
      return node;
    },
    async stop() {
      try {
        await Promise.all(nodes.map((node) => node.stop()));
      } finally {
        await database.drop();
      }
    },
  };
}
