// A car's side of push.v1 (../../PROTOCOL.md) for browsers and Node: one file, no dependencies. README.md shows how it is used.
const SECOND = 1000, LONG = 60 * SECOND, MAX_FRAME = 4096, MAX_SEEN = 16, MAX_IN_HAND = 16, MAX_KNOWN = 256;
const text = (value, most) => typeof value === 'string' && value.length > 0 && value.length <= most;
const whole = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;
const FRAMES = new Map(Object.entries({
  welcome: f => text(f.session, 64) && whole(f.pingSeconds, 1, 3600) && (f.pending == null || whole(f.pending, 0, 2 ** 31 - 1)),
  push: f => text(f.delivery, 200) && /^[!-~]+$/.test(f.delivery) && text(f.campaign, 180) && Object.getPrototypeOf(f.patch ?? 0) === Object.prototype,
  message: f => text(f.id, 128) && /^[!-~]+$/.test(f.id) && f.payload != null,
  cancel: f => text(f.delivery, 200) && /^[!-~]+$/.test(f.delivery), outcome: f => text(f.id, 128) && text(f.outcome, 64),
  bye: f => text(f.reason, 64) && (f.reconnectAfterMs == null || whole(f.reconnectAfterMs, 0, 3600 * SECOND)),
  error: f => text(f.code, 64) && typeof f.detail === 'string',
}));

/** Reads a frame from the node; null: to be skipped. Throws for what no node may send. */
export function parse(message) {
  const frame = JSON.parse(message);
  if (typeof frame?.type !== 'string' || FRAMES.get(frame.type)?.(frame) === false) throw new Error(`No node may send this ${frame?.type ?? 'thing'}.`);
  return FRAMES.has(frame.type) ? frame : null;
}

/** When to come back (PROTOCOL.md §6). A pure function of the end, the attempts since the last connection that lasted, and chance. */
export function comeBack({ code, bye }, attempts, random) {
  const newToken = bye?.reason === 'unauthorized' || code === 4401, told = bye?.reconnectAfterMs;
  const long = ['replaced', 'protocol'].includes(bye?.reason) || [4409, 1002, 1003, 1007, 1009, 4400].includes(code);
  const backoff = told != null && attempts === 0 ? SECOND : Math.min(LONG, SECOND * 2 ** attempts);
  return { wait: Math.max(told ?? 0, long ? LONG : 0) + random() * (long && told == null ? LONG : backoff), newToken };
}

/** Where known deliveries are kept: with the process, or in a browser. Another store has the same two functions, which may be async. */
export const memoryStore = (kept = []) => ({ load: () => kept, save: records => { kept = records; } });
export const localStore = (name, all = localStorage) => ({ load: () => JSON.parse(all.getItem(name) ?? '[]'), save: records => all.setItem(name, JSON.stringify(records)) });
const realClock = { now: () => performance.now(), after: (ms, act) => setTimeout(act, ms), cancel: timer => clearTimeout(timer) };

export class PushClient {
  #o; #known = new Map(); #inHand = new Map(); #work = Promise.resolve(); #saving = this.#work; #link = null; #running = false; #attempts = 0; #lastToken; #waiting;
  constructor(options, kept = globalThis.window?.localStorage ? localStore(`push.v1 ${options.vid} ${options.device ?? 'main'}`) : memoryStore()) {
    this.#o = { WebSocket: globalThis.WebSocket, random: Math.random, clock: realClock, store: kept, ...options };
  }
  /** Stays connected until stop(). Throws what the store throws on loading. */
  async start() {
    if (this.#running) throw new Error('It is running already.');
    this.#running = true;
    for (const record of await this.#o.store.load()) if (!this.#known.has(record.delivery)) this.#known.set(record.delivery, record);
    if (this.#running) await this.#connect();
  }
  stop() { this.#o.clock.cancel(this.#waiting); this.#running = false; if (this.#link !== null) this.#end(this.#link, { code: 1000 }); }
  /** Says what became of a delivery: received, installed, rejected, failed or cancelled (forgotten, because the fleet took it back). Done when it is stored; it is told until it has certainly arrived. */
  async report(delivery, status, code, detail) {
    if (!/^(received|installed|rejected|failed|cancelled)$/.test(status)) throw new Error(`'${status}' is no status of a delivery.`);
    const known = this.#known.get(delivery), records = [...this.#known.values()];
    if (!known || known.again || status !== 'received' || known.status === 'received') {
      if (!known && records.length >= MAX_KNOWN) this.#known.delete((records.find(one => one.sure) ?? records[0]).delivery);
      this.#known.set(delivery, { delivery, status, code, detail, retry: known?.again ?? known?.retry ?? this.#inHand.get(delivery), sure: false });
      this.#link?.acked.delete(delivery);
      await this.#save();
    }
    this.#ack(delivery);
  }
  /** Takes new labels or a new position: { labels, position }, each only if it changed. */
  update(state) { Object.assign(this.#o, state); for (const [type, value] of Object.entries(state)) this.#send({ type, [type]: value }); }
  /** Says something to the services, once; onOutcome hears what became of it. False: there is no connection, and it was not sent. */
  say(id, payload) { if (this.#link?.welcomed == null) return false; this.#send({ type: 'message', id, payload }); return true; }
  async #connect(afterUnauthorized = false) {
    const { url, vid, device, role, token, WebSocket, clock, random } = this.#o, address = new URL(url);
    const link = this.#link = { pingMs: 5 * SECOND, open: false, welcomed: null, told: false, bye: null, asked: null, acked: new Map() };
    try {
      const bearer = await token?.() ?? null;
      if (link !== this.#link) return;
      if (afterUnauthorized && bearer === this.#lastToken) { this.#link = null; this.#later(LONG * (1 + random()), true); return; }
      this.#lastToken = bearer;
      if (role != null) address.pathname += `/${role}/${bearer ?? vid}`;
      for (const [name, value] of Object.entries({ vid, device })) if (value != null) address.searchParams.set(name, value);
      link.socket = new WebSocket(address.href, bearer === null || role != null ? ['push.v1'] : ['push.v1', `bearer.${bearer}`]);
    } catch (error) { this.#end(link, { error }); return; }
    link.socket.onopen = () => { Object.assign(link, { open: true, asked: null }); this.#hello(link.socket); };
    link.socket.onmessage = event => this.#take(link, event.data);
    link.socket.onclose = event => this.#end(link, { code: event.code });
    link.asked = clock.now(); this.#watchLater(link);
  }
  /** Browsers show no WebSocket pings: after a ping interval of silence we ask, after two more the link is dead. Right also where timers are slowed down. */
  #watch(link) {
    const now = this.#o.clock.now();
    if (link.asked !== null && now - link.asked >= 2 * link.pingMs - 50) return this.#end(link, { error: new Error('The link is dead.') });
    if (link.asked === null) { link.asked = now; this.#send({ type: 'ping' }); }
    this.#watchLater(link);
  }
  #watchLater(link) { this.#o.clock.cancel(link.timer); link.timer = this.#o.clock.after(link.pingMs, () => this.#watch(link)); }
  #take(link, message, frame = null) {
    if (link !== this.#link) return;
    try { frame = parse(message); } catch (error) { return this.#end(link, { code: 4400, error }); }
    link.asked = null;
    ({ welcome: () => this.#welcome(link, frame), push: () => this.#offer(frame), cancel: () => this.#forget(frame.delivery), bye: () => { link.bye = frame; },
      message: () => this.#o.onMessage?.(frame), outcome: () => this.#o.onOutcome?.(frame),
      error: () => this.#o.onFault?.(new Error(`The node refused a frame: ${frame.code}: ${frame.detail}`)) })[frame?.type]?.();
  }
  #welcome(link, { session, pending, pingSeconds }) {
    if (link.welcomed === null) {
      Object.assign(link, { welcomed: this.#o.clock.now(), pingMs: pingSeconds * SECOND });
      this.#watchLater(link);
      for (const record of this.#known.values()) if (!record.sure && !record.again) this.#ack(record.delivery);
    }
    if (pending != null && !link.told) { link.told = true; this.#o.onConnected?.({ session, pending }); }
  }
  #offer(push, delivery = push.delivery, known = this.#known.get(delivery)) {
    if (push.retry > (known?.retry ?? 0) && /^(rejected|failed)$/.test(known?.status)) known.again = push.retry; // as good as new
    if (known && !known.again && !this.#inHand.has(delivery)) { this.#ack(delivery); return; }
    if (this.#inHand.has(delivery) || this.#inHand.size >= MAX_IN_HAND) return; // not acked yet; if it is one too many, it comes again
    this.#inHand.set(delivery, push.retry);
    this.#work = this.#work.then(async () => {
      try {
        const report = await this.#o.onPush(push) ?? 'received', { status, code, detail } = report.status ? report : { status: report };
        await this.report(delivery, status, code, detail);
      } catch (error) { this.#o.onFault?.(error); } finally { this.#inHand.delete(delivery); }
    });
  }
  /** After what is in hand: then it is known what there is to forget. What the application never saw is forgotten without asking it. */
  #forget(delivery) {
    const isOpen = () => (this.#known.get(delivery)?.status ?? 'received') === 'received', mayForget = async () => !this.#known.has(delivery) || await this.#o.onCancel?.(delivery) === true;
    this.#work = this.#work.then(async () => {
      if (isOpen() && await mayForget() && isOpen()) await this.report(delivery, 'cancelled'); else this.#ack(delivery);
    }).catch(error => { this.#o.onFault?.(error); });
  }
  #ack(delivery) {
    if (this.#link?.welcomed == null) return;
    this.#send({ type: 'ack', ...this.#known.get(delivery), sure: undefined, retry: undefined, again: undefined });
    this.#link.acked.set(delivery, this.#o.clock.now());
  }
  #hello(socket) {
    const { vid, device, labels, position } = this.#o, seen = [...this.#known.values()].filter(one => !one.sure && one.status !== 'cancelled').slice(-MAX_SEEN).map(one => one.delivery);
    const write = () => JSON.stringify({ type: 'hello', vid, device, labels, position, seen });
    while (seen.length > 0 && new TextEncoder().encode(write()).length > MAX_FRAME) seen.shift();
    socket.send(write());
  }
  #send(frame) { if (this.#link?.open) this.#link.socket.send(JSON.stringify(frame)); }
  #save() { return this.#saving = this.#saving.then(() => this.#o.store.save([...this.#known.values()])).catch(error => { this.#o.onFault?.(error); }); }
  #later(ms, afterUnauthorized) { this.#waiting = this.#o.clock.after(ms, () => this.#connect(afterUnauthorized)); }
  #end(link, { code, error }) {
    if (link !== this.#link) return;
    this.#link = null;
    const now = this.#o.clock.now(), dead = 3 * link.pingMs;
    this.#o.clock.cancel(link.timer);
    link.socket?.close(code >= 3000 || code === 1000 ? code : undefined);
    for (const [delivery, at] of link.acked) if (now - at > dead && this.#known.has(delivery)) this.#known.get(delivery).sure = true;
    if (link.acked.size > 0) this.#save();
    if (link.welcomed !== null && now - link.welcomed >= dead) this.#attempts = 0;
    const { wait, newToken } = comeBack({ code, bye: link.bye }, this.#attempts++, this.#o.random);
    if (this.#running) this.#later(wait, newToken);
    this.#o.onDisconnected?.({ code, reason: link.bye?.reason, error, comeBackMs: this.#running ? wait : null });
  }
}
