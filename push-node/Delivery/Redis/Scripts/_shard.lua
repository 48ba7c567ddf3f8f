-- Begins every script of a ledger's shard. KEYS: header, prefix of the buckets, failures. ARGV[1]: ledger id.
-- Answers nil and changes nothing where the header is missing, another ledger's or no header (G9).
--
-- A record: <state><flags>[,attempts granted[,of these overdue,cut-offs in a row,session,ms]]
--   state  p pending, s sent, r received and waiting for installed; final: d delivered, f failed, j rejected, e expired, u suppressed
--   flags  a was away at the start, n failed for want of an ack, i said installed, x delivered and said failed later,
--          o sent, and no answer for long: holds no place of the most in flight; h would have been told, but for the dry run;
--          c cancelled, and has not said what it made of that, g cancelled, and has forgotten it,
--          t put back by a retry after the car's own word: what it said before does not count again
--   ms     s: when the attempt was granted; r: when the wait for installed ends; f and j: a number made of the code, absent without one
local header = redis.call('HMGET', KEYS[1], 'id', 'buckets', 'quota', 'claimed', 'frozen')
if header[1] ~= ARGV[1] or (tonumber(header[2]) or 0) < 1 or not (header[3] == '' or tonumber(header[3])) or not tonumber(header[4]) then
  return false
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local buckets = tonumber(header[2])
local FINAL = {d = true, f = true, j = true, e = true, u = true}
local COUNTER = {
  p = 'pending', s = 'inFlight', r = 'inFlight', d = 'delivered', f = 'failed', j = 'rejected', e = 'expired', u = 'suppressed'
}

-- Numbers by their text and texts by their number: those of a batch are the same few, and Lua's own conversions are what a record costs most.
local NUMBER = setmetatable({[''] = 0}, {__index = function(known, text)
  local number = tonumber(text)
  known[text] = number
  return number
end})
local TEXT = setmetatable({}, {__index = function(known, number)
  local text = string.format('%.0f', number)
  known[number] = text
  return text
end})

-- Buckets follow the order of the hashes (Shards.BucketOf): of a batch that is sorted by hash those of a bucket come one after the other.
local function bucketOf(hash)
  return math.floor(hash * buckets / 2 ^ 28)
end

-- For each vehicle of a batch, which stand in ARGV from first on and take up width places each, beginning with vid and hash: calls change(its place, its bucket,
-- its record's text or false), which answers what the record is to be, or nothing. Neighbours of one bucket are read by one command, and written by one
-- (push-node/README.md, Decisions). Not those of one hash: that may be one vehicle twice, and the second time is to see what became of it the first time.
local function eachRecord(first, width, change)
  local i = first
  while i <= #ARGV do
    local number, vids, n = bucketOf(ARGV[i + 1]), {ARGV[i]}, 1
    local behind = i + width
    while behind <= #ARGV and ARGV[behind + 1] ~= ARGV[behind + 1 - width] and bucketOf(ARGV[behind + 1]) == number do
      n = n + 1
      vids[n] = ARGV[behind]
      behind = behind + width
    end
    local bucket = KEYS[2] .. TEXT[number]
    local texts = n == 1 and {redis.call('HGET', bucket, vids[1])} or redis.call('HMGET', bucket, unpack(vids))
    local changes, c = {}, 0
    for k = 1, n do
      local after = change(i + (k - 1) * width, bucket, texts[k])
      if after then
        changes[c + 1], changes[c + 2] = vids[k], after
        c = c + 2
      end
    end
    if c > 0 then
      redis.call('HSET', bucket, unpack(changes))
    end
    i = behind
  end
end

-- Nil: nothing that a script wrote.
local function parse(text)
  if text == 'p' then
    return {state = 'p', flags = '', attempt = 0, overdue = 0, cuts = 0, session = '0', ms = 0, code = 0}
  end
  local state, flags, attempt, overdue, cuts, session, ms = string.match(text, '^(%a)(%a*),?(%d*),?(%d*),?(%d*),?(%d*),?(%d*)$')
  return COUNTER[state or ''] and {
    state = state, flags = flags, attempt = NUMBER[attempt], overdue = NUMBER[overdue],
    cuts = NUMBER[cuts], session = session ~= '' and session or '0', ms = NUMBER[ms],
    code = (state == 'f' or state == 'j') and NUMBER[ms] or 0
  }
end

local function format(record)
  local head = record.state .. record.flags
  if record.state == 's' or record.state == 'r' then
    return head .. ',' .. TEXT[record.attempt] .. ',' .. TEXT[record.overdue] .. ',' .. TEXT[record.cuts] .. ',' .. record.session .. ',' .. TEXT[record.ms]
  end
  if (record.state == 'f' or record.state == 'j') and record.code > 0 then
    -- In the place of a time, where scripts of a version that keeps no codes read over it.
    return head .. ',' .. TEXT[record.attempt] .. ',0,0,0,' .. TEXT[record.code]
  end
  return record.attempt > 0 and head .. ',' .. TEXT[record.attempt] or head
end

local function has(record, flag)
  return record.flags ~= '' and string.find(record.flags, flag, 1, true) ~= nil
end

local function codeNumber(code)
  return code == '' and 0 or tonumber(string.sub(redis.sha1hex(code), 1, 8), 16) + 1
end

-- Counters move with changes of state only, and all at once at the end of the script (G2).
local delta = {}
local function count(name, by)
  delta[name] = (delta[name] or 0) + by
end

-- It answered, or was sent to again: it holds a place.
local function unmark(record)
  if has(record, 'o') then
    record.flags = string.gsub(record.flags, 'o', '')
    count('unanswered', -1)
  end
end

local function move(record, state)
  unmark(record)
  if record.state == 'p' and record.attempt > 0 then
    count('putBack', -1)
  end
  count(COUNTER[record.state], -1)
  count(COUNTER[state], 1)
  record.state = state
end

-- The stream of failures lives no longer than the header that it belongs to.
local function note(vid, outcome, code)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 'vid', vid, 'outcome', outcome, 'code', code)
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 then
    redis.call('PEXPIRE', KEYS[3], left)
  end
end

local function fail(vid, record, state, code)
  move(record, state)
  record.code = codeNumber(code)
  note(vid, state == 'j' and 'rejected' or 'failed', code)
end

-- A record that cannot be read counts as pending: the vehicle is told again, and its answer says what was lost. Nobody else waits for that.
local mended = 0
local function read(bucket, vid, text)
  local record = parse(text)
  if not record then
    record = parse('p')
    redis.call('HSET', bucket, vid, 'p')
    note(vid, 'unreadable', '')
    mended = mended + 1
  end
  return record
end

local function add(sums, record)
  for name, by in pairs({
    targeted = 1, [COUNTER[record.state]] = 1, resends = math.max(0, record.attempt - 1), installed = has(record, 'i') and 1 or 0,
    failedLater = has(record, 'x') and 1 or 0, caughtUp = record.state == 'd' and has(record, 'a') and 1 or 0,
    noAck = record.state == 'f' and has(record, 'n') and 1 or 0,
    unanswered = has(record, 'o') and 1 or 0, rehearsed = has(record, 'h') and 1 or 0,
    cancelling = has(record, 'c') and 1 or 0, cancelled = has(record, 'g') and 1 or 0,
    putBack = record.state == 'p' and record.attempt > 0 and 1 or 0
  }) do
    sums[name] = sums[name] + by
  end
end

-- What a lost record was counted as is lost with it, so the shard is counted anew: some ten ms, once for each time that somebody damages it.
local function recount()
  local sums = {
    targeted = 0, pending = 0, inFlight = 0, delivered = 0, failed = 0, rejected = 0, expired = 0, suppressed = 0,
    resends = 0, caughtUp = 0, installed = 0, failedLater = 0, noAck = 0, unanswered = 0, rehearsed = 0, cancelling = 0, cancelled = 0, putBack = 0
  }
  for i = 0, buckets - 1 do
    local bucket = KEYS[2] .. i
    local entries = redis.call('HGETALL', bucket)
    for e = 1, #entries, 2 do
      add(sums, read(bucket, entries[e], entries[e + 1]))
    end
  end
  for name, sum in pairs(sums) do
    redis.call('HSET', KEYS[1], name, sum)
  end
  redis.call('HINCRBY', KEYS[1], 'mended', mended)
end

local function writeCounters()
  for name, by in pairs(delta) do
    if by ~= 0 then
      redis.call('HINCRBY', KEYS[1], name, by)
    end
  end
  if mended > 0 then
    recount()
  end
end
