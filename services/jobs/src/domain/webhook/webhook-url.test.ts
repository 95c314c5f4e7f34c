import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressProblem } from './address.js';
import { judgeWebhookUrl } from './webhook-url.js';

const strict = { allowHttp: false, allowPrivate: false };
const local = { allowHttp: true, allowPrivate: true };

const HOSTILE = [
  // No https, no URL, more than a URL
  'http://example.com/', 'ftp://example.com/', 'file:///etc/passwd', 'gopher://example.com/', 'javascript:alert(1)', 'data:,x',
  'example.com', '//example.com', '', 'https://', 'https:///', 'https://?', 'https://user@hooks.dev/', 'https://user:pass@hooks.dev/',
  'https://:@127.0.0.1/', 'https://hooks.dev\\@127.0.0.1/', 'https://hooks.dev/#fragment', 'https://hooks.dev/#', 'https://ho\toks.dev/',
  ' https://hooks.dev/', 'https://hooks.dev/\r\nX: y', 'https://hooks.dev/\0', `https://hooks.dev/${'a'.repeat(2000)}`,
  // Ports
  'https://hooks.dev:22/', 'https://hooks.dev:25/', 'https://hooks.dev:80/', 'https://hooks.dev:6667/', 'https://hooks.dev:6000/', 'https://hooks.dev:0/',
  'https://hooks.dev:99999/',
  // Loopback in all its spellings
  'https://localhost/', 'https://LOCALHOST./', 'https://a.localhost/', 'https://127.0.0.1/', 'https://127.1/', 'https://127.0.1/', 'https://2130706433/',
  'https://0x7f000001/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://017700000001/', 'https://127.0.0.1./', 'https://127.255.255.254/',
  'https://１２７.0.0.1/', 'https://127。0。0。1/', 'https://%31%32%37.0.0.1/', 'https://0/', 'https://0.0.0.0/', 'https://0.1.2.3/',
  'https://[::1]/', 'https://[::]/', 'https://[0:0:0:0:0:0:0:1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:7f00:1]/', 'https://[::127.0.0.1]/',
  'https://[::ffff:0:127.0.0.1]/',
  // Private, shared, link-local, reserved
  'https://10.0.0.1/', 'https://172.16.0.1/', 'https://172.31.255.255/', 'https://192.168.1.1/', 'https://100.64.0.1/', 'https://169.254.1.1/',
  'https://192.0.0.1/', 'https://192.0.2.1/', 'https://198.18.0.1/', 'https://198.51.100.1/', 'https://203.0.113.1/', 'https://224.0.0.1/',
  'https://240.0.0.1/', 'https://255.255.255.255/', 'https://192.88.99.1/', 'https://0xa9fea9fe/', 'https://[fe80::1]/', 'https://[fec0::1]/',
  'https://[fc00::1]/', 'https://[fd12:3456::1]/', 'https://[ff02::1]/', 'https://[100::1]/', 'https://[2001:db8::1]/', 'https://[5f00::1]/',
  'https://[3fff::1]/', 'https://[4000::1]/',
  // An IPv4 address inside an IPv6 one
  'https://[::ffff:8.8.8.8]/', 'https://[64:ff9b::7f00:1]/', 'https://[64:ff9b::808:808]/', 'https://[64:ff9b:1::1]/', 'https://[2002:7f00:1::]/',
  'https://[2002:a9fe:a9fe::1]/', 'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', 'https://[2001:10::1]/',
  // Metadata services
  'https://169.254.169.254/latest/meta-data', 'https://169.254.170.2/', 'https://100.100.100.200/', 'https://168.63.129.16/', 'https://[fd00:ec2::254]/',
  'https://[fd20:ce::254]/', 'https://192.0.0.192/', 'https://metadata.google.internal/', 'https://metadata/',
  // Names that only exist inside
  'https://printer.local/', 'https://db.internal/', 'https://nas.lan/', 'https://router.home.arpa/', 'https://intranet/', 'https://jobs/',
]; // prettier-ignore

describe('the URL of a webhook', () => {
  it.each(HOSTILE)('refuses %j', (url) => {
    expect(judgeWebhookUrl(url, strict)).toMatchObject({ ok: false });
  });

  it.each([
    ['https://hooks.dev/a?b=c', 'https://hooks.dev/a?b=c', 'hooks.dev'],
    ['https://hooks.dev:8443/', 'https://hooks.dev:8443/', 'hooks.dev'],
    ['https://HOOKS.dev./x', 'https://hooks.dev/x', 'hooks.dev'],
    ['https://bücher.de/', 'https://xn--bcher-kva.de/', 'xn--bcher-kva.de'],
    ['https://8.8.8.8/', 'https://8.8.8.8/', '8.8.8.8'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/', '2606:4700::1111'],
  ])('accepts %s', (given, url, host) => {
    expect(judgeWebhookUrl(given, strict)).toEqual({ ok: true, url, host });
  });

  it('reaches the own network in development only, and metadata services never', () => {
    for (const url of [
      'http://127.0.0.1:9000/',
      'http://localhost:9000/',
      'http://10.1.2.3/',
      'http://[::1]:9000/',
    ])
      expect(judgeWebhookUrl(url, local), url).toMatchObject({ ok: true });
    for (const url of [
      'http://169.254.169.254/',
      'http://100.100.100.200/',
      'http://[fd00:ec2::254]/',
      'http://0.0.0.0/',
    ])
      expect(judgeWebhookUrl(url, local), url).toMatchObject({ ok: false });
  });

  it('refuses a private address however it is written', () => {
    const octet = fc.nat(255);
    const inside = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
    );
    const form = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0${n.toString(8)}`,
    );
    fc.assert(
      fc.property(inside, form, fc.integer({ min: 1, max: 4 }), ([a, b, c, d], write, parts) => {
        const tail = [
          [((a * 256 + b) * 256 + c) * 256 + d],
          [a, (b * 256 + c) * 256 + d],
          [a, b, c * 256 + d],
          [a, b, c, d],
        ];
        const host = (tail[parts - 1] as number[]).map(write).join('.');
        expect(judgeWebhookUrl(`https://${host}/`, strict), host).toMatchObject({ ok: false });
        const mapped = `::ffff:${a}.${b}.${c}.${d}`;
        expect(addressProblem(mapped, strict), mapped).toBeDefined();
      }),
    );
  });

  it('reads an address in its one plain form only', () => {
    for (const odd of [
      '0177.0.0.1',
      '0x8.8.8.8',
      '8.8.2056',
      '134744072',
      '08.8.8.8',
      '8.8.8.8 ',
      '2606:4700::1111%eth0',
      'x',
    ])
      expect(addressProblem(odd, strict), odd).toBeDefined();
    expect(addressProblem('8.8.8.8', strict)).toBeUndefined();
  });
});
