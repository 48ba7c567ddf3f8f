-- Records acks. ARGV: id, level (received or installed), time from received to installed (ms),
-- then per vehicle: vid, hash, session, attempt, status, code.
local level, installTimeout = ARGV[2], tonumber(ARGV[3])

local function deliver(record, status)
  move(record, 'd')
  record.flags = string.gsub(record.flags, 'n', '')
  if has(record, 'a') then
    count('caughtUp', 1)
  end
  if status == 'installed' then
    record.flags = record.flags .. 'i'
    count('installed', 1)
  end
end

-- A delivered vehicle says more: counted once, and no change of state.
local function addTo(vid, record, status, code)
  if status == 'installed' and not has(record, 'i') then
    record.flags = record.flags .. 'i'
    count('installed', 1)
  elseif status == 'failed' and not has(record, 'x') then
    record.flags = record.flags .. 'x'
    count('failedLater', 1)
    note(vid, 'failedLater', code)
  end
end

local function settle(vid, record, status, code)
  local delivers = status == 'installed' or (status == 'received' and level == 'received')
  if record.state == 'd' then
    addTo(vid, record, status, code)
  elseif FINAL[record.state] then
    if delivers and (record.state == 'e' or has(record, 'n')) then
      deliver(record, status)
    end
  elseif delivers then
    deliver(record, status)
  elseif status == 'received' then
    if record.state ~= 'r' then
      move(record, 'r')
      record.ms = now + installTimeout
    end
  else
    move(record, status == 'rejected' and 'j' or 'f')
    note(vid, status, code)
  end
end

-- A node's verdict is about one attempt; an ack is about the notice, whichever attempt brought it.
local function giveUp(vid, record, session, attempt)
  if record.state == 's' and record.session == session and record.attempt == attempt then
    move(record, 'f')
    record.flags = record.flags .. 'n'
    note(vid, 'failed', 'NoAck')
  end
end

for i = 4, #ARGV, 6 do
  local vid, bucket, session, attempt, status, code = unpack(ARGV, i, i + 5)
  bucket = bucketOf(bucket)
  local text = redis.call('HGET', bucket, vid)
  if text then
    local record = parse(text)
    if status == 'noack' then
      giveUp(vid, record, session, tonumber(attempt))
    else
      settle(vid, record, status, code)
    end
    local after = format(record)
    if after ~= text then
      redis.call('HSET', bucket, vid, after)
    end
  end
end
writeCounters()
return 1
