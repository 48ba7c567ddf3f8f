// push-client.js against push-node/vectors and a node, a clock and chance that do what a test says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PushClient, localStore, memoryStore, parse } from '../../../push-node/VehicleClient/js/push-client.js';

const vectors = name => JSON.parse(readFileSync(new URL(`../../../push-node/vectors/${name}.json`, import.meta.url))).cases;
const PUSH = { type: 'push', delivery: 'c#1', campaign: 'c', patch: { id: 'p', version: '1' } };

class Clock {
  #now = 0; #timers = new Set();
  now() { return this.#now; }
  after(ms, act) { const timer = { at: this.#now + ms, act }; this.#timers.add(timer); return timer; }
  cancel(timer) { this.#timers.delete(timer); }
  /** Lets time pass, timer by timer; what each sets off comes to rest before the next. */
  async pass(ms) {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#timers].filter(timer => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.act();
    }
    this.#now = until;
    await settle();
  }
}

const settle = () => new Promise(resolve => { setImmediate(resolve); });

/** A car and the sockets that it opened, the latest last. */
function stage(options = {}) {
  const sockets = [], pushes = [], ends = [], faults = [], clock = new Clock();
  class FakeSocket {
    sent = []; closed = undefined;
    constructor(url, protocols) { Object.assign(this, { url: new URL(url), protocols, openedAt: clock.now() }); sockets.push(this); }
    send(frame) { this.sent.push(JSON.parse(frame)); }
    close(code) { this.closed = code ?? 'without a code'; }
    open() { this.onopen(); }
    say(frame) { this.onmessage({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) }); }
    end(code = 1006) { this.onclose({ code }); }
    welcome(pingSeconds = 5) { this.open(); this.say({ type: 'welcome', session: 's', pending: 1, pingSeconds }); }
    of(type) { return this.sent.filter(frame => frame.type === type); }
  }
  const car = new PushClient({
    vid: 'car-1', url: 'wss://push.example.com/ws?pool=a', WebSocket: FakeSocket, clock, random: () => 0, store: memoryStore(),
    onPush: push => { pushes.push(push.delivery); }, onDisconnected: end => ends.push(end), onFault: fault => faults.push(fault), ...options,
  });
  return { car, clock, sockets, pushes, ends, faults, get socket() { return sockets.at(-1); } };
}

/** A car that is connected and welcomed. */
async function connected(options) {
  const s = stage(options);
  await s.car.start();
  s.socket.welcome();
  return s;
}

for (const { name, text, expect } of vectors('to-car')) {
  test(`to-car: ${name}`, () => {
    const frame = parse(text);
    if (expect.skip) { assert.ok(frame === null || frame.type === 'pong'); return; }
    const [[type, members]] = Object.entries(expect);
    assert.equal(frame.type, type);
    for (const [member, value] of Object.entries(members)) assert.deepEqual(frame[member] ?? null, value);
  });
}

for (const faulty of ['', '[]', '{}', 'null', '{"type":1}', '{"type":"welcome","pingSeconds":5}', '{"type":"welcome","session":"s","pingSeconds":3601}',
  '{"type":"welcome","session":"s","pingSeconds":5,"pending":-1}', '{"type":"push","delivery":"c 1","campaign":"c","patch":{}}',
  '{"type":"push","delivery":"c#1","campaign":"c","patch":[]}', '{"type":"bye"}', '{"type":"bye","reason":"idle","reconnectAfterMs":3600001}']) {
  test(`a frame that no node may send: ${faulty}`, async () => {
    const s = await connected();
    s.socket.say(faulty);
    assert.equal(s.socket.closed, 4400);
    assert.equal(s.ends[0].comeBackMs, 60_000);
  });
}

for (const { name, code, bye, comeBack } of vectors('closes')) {
  for (const chance of [0, 0.999]) {
    test(`closes: ${name}, chance ${chance}`, async () => {
      let token = 'old';
      const s = await connected({ random: () => chance, token: async () => token });
      await s.clock.pass(4_000);
      for (let i = 0; i < 4; i++) { s.socket.say({ type: 'pong' }); await s.clock.pass(4_000); }
      if (bye) s.socket.say({ type: 'bye', ...bye });
      s.socket.end(code ?? 1006);
      if (comeBack.newToken) {
        await s.clock.pass(600_000);
        assert.equal(s.sockets.length, 1, 'not with the old token');
        token = 'new';
        await s.clock.pass(120_000);
        assert.deepEqual(s.socket.protocols, ['push.v1', 'bearer.new']);
        return;
      }
      const ended = s.clock.now();
      await s.clock.pass(comeBack.notAfterMs);
      const away = s.sockets[1].openedAt - ended;
      assert.ok(away >= comeBack.notBeforeMs && away <= comeBack.notAfterMs, `came back after ${away} ms`);
    });
  }
}

test('hello is the first frame and says who, where and what; changes follow', async () => {
  const s = stage({ device: 'hu', labels: { model: 'x7' }, position: { lat: 1, lon: 2 }, token: () => 't' });
  await s.car.start();
  s.car.update({ labels: { model: 'x8' } });
  s.socket.open();
  assert.equal(s.socket.url.search, '?pool=a&vid=car-1&device=hu');
  assert.deepEqual(s.socket.protocols, ['push.v1', 'bearer.t']);
  assert.deepEqual(s.socket.sent, [{ type: 'hello', vid: 'car-1', device: 'hu', labels: { model: 'x8' }, position: { lat: 1, lon: 2 }, seen: [] }]);
  s.socket.say({ type: 'welcome', session: 's', pingSeconds: 5 });
  s.car.update({ position: { lat: 3, lon: 4 } });
  assert.deepEqual(s.socket.sent.at(-1), { type: 'position', position: { lat: 3, lon: 4 } });
});

test('with a role the token goes in the path, and without a token the vid', async () => {
  const withToken = stage({ role: 'head-unit', token: () => 'a.b.c' }), without = stage({ role: 'head-unit' });
  await Promise.all([withToken.car.start(), without.car.start()]);
  assert.deepEqual([withToken.socket.url.pathname, withToken.socket.protocols], ['/ws/head-unit/a.b.c', ['push.v1']]);
  assert.equal(without.socket.url.pathname, '/ws/head-unit/car-1');
});

test('pending is told once, also when it comes with the second welcome', async () => {
  const told = [], s = stage({ onConnected: session => told.push(session.pending) });
  await s.car.start();
  s.socket.open();
  s.socket.say({ type: 'welcome', session: 's', pingSeconds: 5 });
  assert.deepEqual(told, []);
  s.socket.say({ type: 'welcome', session: 's', pending: 0, pingSeconds: 5 });
  assert.deepEqual(told, [0]);
});

test('a notice is shown once and every copy is acked, with the latest status', async () => {
  const s = await connected();
  s.socket.say(PUSH);
  s.socket.say(PUSH);
  await settle();
  await s.car.report('c#1', 'installed', 'ok', 'well');
  await s.car.report('c#1', 'received');
  s.socket.say(PUSH);
  assert.deepEqual(s.pushes, ['c#1']);
  assert.deepEqual(s.socket.of('ack').map(ack => ack.status), ['received', 'installed', 'installed', 'installed']);
  assert.deepEqual(s.socket.of('ack').at(-1), { type: 'ack', delivery: 'c#1', status: 'installed', code: 'ok', detail: 'well' });
});

test('what is taken back is forgotten, if it is not too late', async () => {
  const asked = [], s = await connected({ onCancel: delivery => { asked.push(delivery); return delivery === 'c#1'; } });
  const cancel = async delivery => { s.socket.say({ type: 'cancel', delivery }); await settle(); return s.socket.of('ack').at(-1); };
  s.socket.say(PUSH);
  s.socket.say({ ...PUSH, delivery: 'c#2' });
  await settle();
  assert.equal((await cancel('c#1')).status, 'cancelled');
  s.socket.say(PUSH);
  await settle();
  assert.equal(s.socket.of('ack').at(-1).status, 'cancelled');
  assert.equal((await cancel('c#2')).status, 'received');
  await s.car.report('c#2', 'installed');
  assert.equal((await cancel('c#2')).status, 'installed');
  assert.deepEqual(asked, ['c#1', 'c#2']);
  assert.deepEqual(await cancel('c#3'), { type: 'ack', delivery: 'c#3', status: 'cancelled' });
  s.socket.say({ ...PUSH, delivery: 'c#3' });
  await settle();
  assert.deepEqual(s.pushes, ['c#1', 'c#2']);
});

test('what did not go well is shown once more for each retry, and nothing else is', async () => {
  const said = ['failed', 'rejected', 'installed'], s = await connected({ onPush: push => (s.pushes.push(push.retry), said[s.pushes.length - 1]) });
  for (const retry of [undefined, undefined, 1, 1, 3, 2, 4]) { s.socket.say({ ...PUSH, retry }); await settle(); }
  assert.deepEqual(s.pushes, [undefined, 1, 3]);
  assert.deepEqual(s.socket.of('ack').map(ack => ack.status), ['failed', 'failed', 'rejected', 'rejected', 'installed', 'installed', 'installed']);
  assert.deepEqual(Object.keys(s.socket.of('ack').at(-1)), ['type', 'delivery', 'status'], 'the round is its own business');
});

test('what is first heard of in a retry is shown once in that round', async () => {
  const s = await connected({ onPush: push => (s.pushes.push(push.retry), 'failed') });
  for (const retry of [1, 1, 2]) { s.socket.say({ ...PUSH, retry }); await settle(); }
  assert.deepEqual(s.pushes, [1, 2]);
});

test('known before acked: the ack waits for the store, and a restart does not show it again', async () => {
  let stored, release;
  const store = { load: () => [], save: records => new Promise(resolve => { stored = structuredClone(records); release = resolve; }) };
  const first = await connected({ store });
  first.socket.say(PUSH);
  await settle();
  assert.deepEqual(first.socket.of('ack'), []);
  release();
  await settle();
  assert.equal(first.socket.of('ack').length, 1);

  const second = await connected({ store: memoryStore(stored) });
  assert.deepEqual(second.socket.of('hello')[0].seen, ['c#1']);
  second.socket.say(PUSH);
  await settle();
  assert.deepEqual(second.pushes, []);
});

test('an application that fails is shown the notice again', async () => {
  let fails = true;
  const s = await connected({ onPush: () => { if (fails) throw new Error('full'); return { status: 'rejected', code: 'old' }; } });
  s.socket.say(PUSH);
  await settle();
  assert.deepEqual([s.socket.of('ack'), s.faults.length], [[], 1]);
  fails = false;
  s.socket.say(PUSH);
  await settle();
  assert.deepEqual(s.socket.of('ack'), [{ type: 'ack', delivery: 'c#1', status: 'rejected', code: 'old' }]);
});

test('what is no status is no ack', async () => {
  const s = await connected({ onPush: () => ({ status: 200 }) });
  s.socket.say(PUSH);
  await settle();
  assert.deepEqual([s.socket.of('ack').length, s.faults.length], [0, 1]);
});

test('an ack is told again after the next welcome unless the link outlived it by the dead-link time', async () => {
  const s = await connected();
  s.socket.say(PUSH);
  await settle();
  s.socket.end();
  await s.clock.pass(2_000);
  s.socket.welcome();
  assert.deepEqual([s.socket.of('hello')[0].seen, s.socket.of('ack').length], [['c#1'], 1]);
  for (let i = 0; i < 4; i++) { await s.clock.pass(4_000); s.socket.say({ type: 'pong' }); }
  s.socket.end();
  await s.clock.pass(2_000);
  s.socket.welcome();
  assert.deepEqual([s.socket.of('hello')[0].seen, s.socket.of('ack').length], [[], 0]);
});

test('a status that could not be told before the link broke is told after the next welcome', async () => {
  let release = () => {}, holds = false;
  const s = await connected({ store: { load: () => [], save: () => holds && new Promise(resolve => { release = resolve; }) } });
  s.socket.say(PUSH);
  await settle();
  for (let i = 0; i < 4; i++) { await s.clock.pass(4_000); s.socket.say({ type: 'pong' }); }
  holds = true;
  const reported = s.car.report('c#1', 'installed');
  await settle();
  s.socket.end();
  holds = false;
  release();
  await reported;
  await s.clock.pass(2_000);
  s.socket.welcome();
  assert.deepEqual(s.socket.of('ack'), [{ type: 'ack', delivery: 'c#1', status: 'installed' }]);
});

test('256 deliveries are remembered, at most 16 are in hand and told as seen, and a hello fits into its 4096 bytes', async () => {
  let finish;
  const s = await connected({ onPush: () => new Promise(resolve => { finish = resolve; }), labels: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`${i}`.padStart(63, 'n'), 'v'.repeat(63)])) });
  for (let i = 0; i < 17; i++) s.socket.say({ ...PUSH, delivery: `in-hand#${i}` });
  for (let i = 0; i < 17; i++) { await settle(); finish('received'); }
  await settle();
  assert.equal(s.socket.of('ack').length, 16);
  for (let i = 0; i < 256; i++) await s.car.report(`${i}`.padStart(200, 'd'), 'received');
  s.socket.end();
  await s.clock.pass(2_000);
  s.socket.welcome();
  assert.equal(s.socket.of('ack').length, 256);
  const hello = s.socket.of('hello')[0];
  assert.ok(JSON.stringify(hello).length <= 4096 && hello.seen.length > 4);
  assert.equal(hello.seen.at(-1), '255'.padStart(200, 'd'));
});

test('a link on which nothing is heard is asked after one ping interval and dead after three', async () => {
  const s = await connected();
  await s.clock.pass(4_999);
  assert.deepEqual(s.socket.of('ping'), []);
  await s.clock.pass(9_000);
  assert.deepEqual([s.socket.of('ping').length, s.ends.length], [1, 0]);
  await s.clock.pass(1_001);
  assert.equal(s.ends.length, 1);
  s.sockets[0].end(4409); // comes late, and is no business of the next connection
  assert.equal(s.ends.length, 1);
});

test('a link on which pongs come lives, at the pace that the node says', async () => {
  const s = stage();
  await s.car.start();
  s.socket.welcome(30);
  for (let i = 0; i < 20; i++) {
    await s.clock.pass(30_000);
    s.socket.say({ type: 'pong' });
  }
  assert.deepEqual([s.ends.length, s.socket.of('ping').length], [0, 20]);
});

test('a handshake that nobody answers is given up, and waits grow until a connection lasts', async () => {
  const s = stage({ random: () => 1 });
  await s.car.start();
  await s.clock.pass(10_000);
  assert.equal(s.ends.length, 1);
  for (let i = 0; i < 8; i++) { await s.clock.pass(s.ends.at(-1).comeBackMs); s.socket.end(); }
  assert.deepEqual(s.ends.map(end => end.comeBackMs / 1000), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  await s.clock.pass(60_000);
  s.socket.welcome();
  for (let i = 0; i < 4; i++) { await s.clock.pass(4_000); s.socket.say({ type: 'pong' }); }
  s.socket.end();
  assert.equal(s.ends.at(-1).comeBackMs, 1000);
});

test('a token that cannot be had is a broken link', async () => {
  const s = stage({ token: async () => { throw new Error('offline'); } });
  await s.car.start();
  assert.deepEqual([s.sockets.length, s.ends[0].error.message], [0, 'offline']);
});

test('stop leaves with 1000 and does not come back', async () => {
  const s = await connected();
  s.car.stop();
  await s.clock.pass(600_000);
  assert.deepEqual([s.socket.closed, s.sockets.length, s.ends[0].comeBackMs], [1000, 1, null]);
});

test('localStore keeps what it is given', () => {
  const items = new Map(), storage = { getItem: name => items.get(name) ?? null, setItem: (name, value) => items.set(name, value) };
  assert.deepEqual(localStore('a', storage).load(), []);
  localStore('a', storage).save([{ delivery: 'c#1', status: 'received', sure: false }]);
  assert.deepEqual(localStore('a', storage).load(), [{ delivery: 'c#1', status: 'received', sure: false }]);
});
