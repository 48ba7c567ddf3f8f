-- Grants the right to send. ARGV: id, ack time-out (ms), most overdue attempts, most in flight in this shard (0 = any number), a dry run (1 or 0),
-- the round of retries that the notice names, then per vehicle: vid, hash, session, and the last attempt known where there was one, followed by t (take along) and
-- u (uncounted) where it is so: for most of a batch nothing, and what is not there costs nothing.
-- Answers per vehicle: the attempt that is granted, or else the outcome, with the ms to wait behind it where there are any.
local timeout, maxAttempts = tonumber(ARGV[2]), tonumber(ARGV[3])
local dryRun, round = ARGV[5] == '1', tonumber(ARGV[6])
local quota, claimed = tonumber(header[3]), tonumber(header[4])

local most = tonumber(ARGV[4])
local held = 0
if most > 0 then
  local counters = redis.call('HMGET', KEYS[1], 'inFlight', 'unanswered')
  held = tonumber(counters[1]) - (tonumber(counters[2]) or 0)
end

local function full()
  return most > 0 and held + (delta['inFlight'] or 0) - (delta['unanswered'] or 0) >= most
end

local function grant(record, session)
  unmark(record)
  if record.attempt > 0 then
    count('resends', 1)
  end
  record.attempt = record.attempt + 1
  record.session = session
  record.ms = now
  return 'granted', 0
end

-- Put back by a retry: it has its share of the quota, and a notice of an earlier round would tell it nothing new.
local function anew(record, session)
  if round < (tonumber(redis.call('HGET', KEYS[1], 'retry')) or 0) then
    return 'notyet', 1000
  elseif full() then
    return 'quota', 1000
  end
  move(record, 's')
  return grant(record, session)
end

local function takePlace()
  if (quota and claimed >= quota) or full() then
    return false
  end
  claimed = claimed + 1
  count('claimed', 1)
  return true
end

local function first(record, session)
  if not takePlace() then
    return 'quota', 1000
  elseif dryRun then
    move(record, 'u')
    record.flags = record.flags .. 'h'
    count('rehearsed', 1)
    return 'rehearsed', 0
  end
  move(record, 's')
  return grant(record, session)
end

-- The same of a record as the freeze left it, without taking it apart: most of a campaign's claims are this (push-node/README.md, Decisions).
local function firstOfPlain(session)
  if dryRun or not takePlace() then
    return false
  end
  count('pending', -1)
  count('inFlight', 1)
  return 's,1,0,0,' .. session .. ',' .. TEXT[now]
end

-- The same connection asks again: its answer was lost, or it asks too early, or the vehicle did not acknowledge in time.
local function again(vid, record, session, known, uncounted)
  if known < record.attempt then
    if now >= record.ms + timeout then
      record.ms = now
    end
    unmark(record)
    return 'granted', 0
  end
  if now < record.ms + timeout then
    return 'notyet', record.ms + timeout - now
  end
  record.cuts = 0
  if not uncounted then
    record.overdue = record.overdue + 1
  end
  if record.overdue >= maxAttempts then
    fail(vid, record, 'f', 'NoAck')
    record.flags = record.flags .. 'n'
    count('noAck', 1)
    return 'exhausted', 0
  end
  return grant(record, session)
end

-- The connection of the last attempt was cut off: that attempt does not count, but a vehicle that flaps is not sent to without end.
local function afterCut(record, session)
  local wait = math.min(timeout, 1000 * 2 ^ math.min(record.cuts, 20))
  if now < record.ms + wait then
    return 'notyet', record.ms + wait - now
  end
  record.cuts = record.cuts + 1
  return grant(record, session)
end

local function claim(vid, record, session, known, uncounted)
  if record.state == 'p' then
    if record.attempt > 0 then
      return anew(record, session)
    end
    return first(record, session)
  elseif record.state == 'f' and has(record, 'n') then
    return 'exhausted', 0
  elseif FINAL[record.state] then
    return 'settled', 0
  elseif record.state == 'r' then
    return 'notyet', math.max(0, record.ms - now)
  elseif tonumber(session) < tonumber(record.session) then
    return 'newer', 0
  elseif has(record, 'o') and full() then
    return 'quota', 1000
  elseif session == record.session then
    return again(vid, record, session, known, uncounted)
  end
  return afterCut(record, session)
end

local function answer(bucket, vid, text, session, more)
  local known, take, uncounted = 0, false, false
  if more ~= '' then
    known = NUMBER[string.match(more, '^%d*')]
    take = string.find(more, 't', 1, true)
    uncounted = string.find(more, 'u', 1, true)
  end
  local record = text and read(bucket, vid, text)
  if not text and take then
    record = parse('p')
    count('targeted', 1)
    count('pending', 1)
  end
  if not record then
    return 'nottarget'
  end
  local outcome, wait = claim(vid, record, session, known, uncounted)
  local after = format(record)
  return outcome == 'granted' and record.attempt or wait > 0 and outcome .. ' ' .. TEXT[wait] or outcome, after ~= text and after
end

local reply = {}
eachRecord(7, 4, function(i, bucket, text)
  local session = ARGV[i + 2]
  local after = text == 'p' and firstOfPlain(session)
  if after then
    reply[#reply + 1] = 1
  else
    reply[#reply + 1], after = answer(bucket, ARGV[i], text, session, ARGV[i + 3])
  end
  return after
end)
writeCounters()
return reply
