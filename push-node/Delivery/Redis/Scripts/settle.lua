-- Records acks. ARGV: id, level (received or installed), time from received to installed (ms),
-- then per vehicle: vid, hash, status (seen: a hello that names the delivery), code. An ack is about the notice, whichever connection or attempt brought it.
local level, installTimeout = ARGV[2], tonumber(ARGV[3])

local function deliver(record, status)
  if has(record, 'n') then
    count('noAck', -1)
    record.flags = string.gsub(record.flags, 'n', '')
  end
  move(record, 'd')
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

local function unflag(record, flag, counter)
  if has(record, flag) then
    record.flags = string.gsub(record.flags, flag, '')
    count(counter, -1)
    return true
  end
end

-- It has forgotten a cancelled delivery, or says what it did with it before it could: then there is nothing left to forget.
local function forget(record, status)
  if status == 'cancelled' then
    if unflag(record, 'c', 'cancelling') then
      record.flags = record.flags .. 'g'
      count('cancelled', 1)
    end
  elseif status ~= 'received' and status ~= 'seen' then
    unflag(record, 'c', 'cancelling')
    if status == 'installed' then
      unflag(record, 'g', 'cancelled')
    end
  end
end

-- Put back after the car's own word: until it is told again it can only repeat that, but for what is proof in itself; and a hello may name what it had then.
local function isOld(record, status)
  return has(record, 't') and ((record.state == 'p' and status ~= 'installed') or status == 'seen')
end

local function settle(vid, record, status, code)
  if isOld(record, status) then
    return
  end
  status = status == 'seen' and 'received' or status
  local delivers = status == 'installed' or (status == 'received' and level == 'received')
  if record.state == 'd' then
    addTo(vid, record, status, code)
  elseif FINAL[record.state] then
    if delivers and (record.state == 'e' or has(record, 'n') or (has(record, 't') and record.state ~= 'u')) then
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
    fail(vid, record, status == 'rejected' and 'j' or 'f', code)
  end
end

-- The same of a record that was sent and has no flags, without taking it apart: most of a campaign's acks are this (push-node/README.md, Decisions).
local function settlePlain(text, status)
  local attempt = level == 'received' and (status == 'received' or status == 'seen') and string.match(text, '^s,(%d+),%d+,%d+,%d+,%d+$')
  if not attempt then
    return false
  end
  count('inFlight', -1)
  count('delivered', 1)
  return 'd,' .. attempt
end

local function settleAny(bucket, vid, text, status, code)
  local record = read(bucket, vid, text)
  forget(record, status)
  if status ~= 'cancelled' then
    settle(vid, record, status, code)
  end
  local after = format(record)
  return after ~= text and after
end

eachRecord(4, 4, function(i, bucket, text)
  return text and (settlePlain(text, ARGV[i + 2]) or settleAny(bucket, ARGV[i], text, ARGV[i + 2], ARGV[i + 3]))
end)
writeCounters()
return 1
