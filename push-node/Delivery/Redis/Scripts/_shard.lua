-- Begins every script of a ledger's shard. KEYS: header, prefix of the buckets, failures. ARGV[1]: ledger id.
-- Answers nil and changes nothing where the header is missing or another ledger's (G9).
--
-- A record: <state><flags>[,attempts granted[,of these overdue,cut-offs in a row,session,ms]]
--   state  p pending, s sent, r received and waiting for installed; final: d delivered, f failed, j rejected, e expired, u suppressed
--   flags  a was away at the start, n failed for want of an ack, i said installed, x delivered and said failed later
--   ms     s: when the attempt was granted; r: when the wait for installed ends
local header = redis.call('HMGET', KEYS[1], 'id', 'buckets', 'quota', 'claimed', 'frozen')
if header[1] ~= ARGV[1] then
  return false
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local buckets = tonumber(header[2])
local FINAL = {d = true, f = true, j = true, e = true, u = true}
local COUNTER = {
  p = 'pending', s = 'inFlight', r = 'inFlight', d = 'delivered', f = 'failed', j = 'rejected', e = 'expired', u = 'suppressed'
}

local function bucketOf(hash)
  return KEYS[2] .. (tonumber(hash) % buckets)
end

local function parse(text)
  local state, flags, attempt, overdue, cuts, session, ms = string.match(text, '^(%a)(%a*),?(%d*),?(%d*),?(%d*),?(%d*),?(%d*)$')
  return {
    state = state, flags = flags, attempt = tonumber(attempt) or 0, overdue = tonumber(overdue) or 0,
    cuts = tonumber(cuts) or 0, session = session ~= '' and session or '0', ms = tonumber(ms) or 0
  }
end

local function format(record)
  local head = record.state .. record.flags
  if record.state == 's' or record.state == 'r' then
    return string.format('%s,%d,%d,%d,%s,%.0f', head, record.attempt, record.overdue, record.cuts, record.session, record.ms)
  end
  return record.attempt > 0 and string.format('%s,%d', head, record.attempt) or head
end

local function has(record, flag)
  return string.find(record.flags, flag, 1, true) ~= nil
end

-- Counters move with changes of state only, and all at once at the end of the script (G2).
local delta = {}
local function count(name, by)
  delta[name] = (delta[name] or 0) + by
end

local function move(record, state)
  count(COUNTER[record.state], -1)
  count(COUNTER[state], 1)
  record.state = state
end

local function writeCounters()
  for name, by in pairs(delta) do
    if by ~= 0 then
      redis.call('HINCRBY', KEYS[1], name, by)
    end
  end
end

-- The stream of failures lives no longer than the header that it belongs to.
local function note(vid, outcome, code)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 'vid', vid, 'outcome', outcome, 'code', code)
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 then
    redis.call('PEXPIRE', KEYS[3], left)
  end
end
