export { createSecretBox, type SecretBox } from './secret-box.js';
export { newSecretsKey, readSecretsKeys, secretsKeySetting, type SecretsKeys } from './secrets-keys.js';
