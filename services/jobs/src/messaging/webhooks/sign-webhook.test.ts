import { expect, it } from 'vitest';
import { webhookKey } from '../../domain/webhook/webhook-secret.js';
import { signWebhook } from './sign-webhook.js';

it('signs as the reference implementations of Standard Webhooks do', () => {
  const key = webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const part = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  expect(signWebhook(key as Buffer, part)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
