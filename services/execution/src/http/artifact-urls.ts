import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@weft/config';
import type { ArtifactMethod, ArtifactUrls } from '../application/ports.js';

export interface ArtifactUrlOptions {
  readonly signingKey: Secret;
  /** Base URL of the gateway. */
  readonly publicUrl: string;
  /** This service's own base URL, for workers. */
  readonly internalUrl: () => string;
}

/** Short-lived signed URLs: HMAC-SHA256 over method, id and expiry. Whoever has one may use it; nobody can make one. */
export function createArtifactUrls({ signingKey, publicUrl, internalUrl }: ArtifactUrlOptions): ArtifactUrls {
  const sign = (method: ArtifactMethod, id: string, expires: string): string =>
    createHmac('sha256', signingKey.reveal()).update(`${method}\n${id}\n${expires}`).digest('base64url');

  const make = (
    base: string,
    method: ArtifactMethod,
    id: string,
    ttlMs: number,
  ): { url: string; expiresAt: Date } => {
    const expiresAt = new Date(Math.ceil((Date.now() + ttlMs) / 1_000) * 1_000);
    const expires = String(expiresAt.getTime() / 1_000);
    const query = new URLSearchParams({ expires, signature: sign(method, id, expires) });
    return { url: `${base.replace(/\/$/, '')}/artifacts/${id}?${query}`, expiresAt };
  };

  return {
    forClient: (method, id, ttlMs) => make(publicUrl, method, id, ttlMs),
    forWorker: (method, id, ttlMs) => make(internalUrl(), method, id, ttlMs),
    verify(method, id, expires, signature) {
      if (expires === null || signature === null || !/^\d{1,12}$/.test(expires)) return false;
      if (Number(expires) * 1_000 < Date.now()) return false;
      const wanted = Buffer.from(sign(method, id, expires));
      const given = Buffer.from(signature);
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
  };
}
