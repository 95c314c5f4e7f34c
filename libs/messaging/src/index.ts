export { connectMessaging, type Messaging, type MessagingOptions } from './connect.js';
export { startConsumer, type Consumer, type ConsumerOptions, type DeadLetter } from './consumer.js';
export { jsonAnswer, readJson, request, serve, type Answer } from './request.js';
export type { Msg, Subscription } from 'nats';
