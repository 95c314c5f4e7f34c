import type { NatsUser } from './nats-roles.js';

export interface NatsSettings {
  readonly serverName: string;
  readonly port: number;
  readonly storeDir: string;
  readonly users: readonly NatsUser[];
  readonly maxPayloadBytes: number;
}

// JSON's strings are strings of the server's configuration format too.
const text = (value: string): string => JSON.stringify(value);
const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

const user = ({ name, password, permissions }: NatsUser): string => `    {
      user: ${text(name)}, password: ${text(password)}
      permissions: {
        publish: { allow: ${list(permissions.publish)} }
        subscribe: { allow: ${list(permissions.subscribe)} }
      }
    }`;

/** The server's configuration; it holds passwords and is written with mode 0600. */
export const renderNatsConfig = (settings: NatsSettings): string => `server_name: ${text(settings.serverName)}
listen: "127.0.0.1:${settings.port}"
max_payload: ${settings.maxPayloadBytes}
write_deadline: "10s"
jetstream: {
  store_dir: ${text(settings.storeDir)}
  max_memory_store: 64MB
  max_file_store: 8GB
}
authorization: {
  timeout: 5
  users: [
${settings.users.map(user).join('\n')}
  ]
}
`;
