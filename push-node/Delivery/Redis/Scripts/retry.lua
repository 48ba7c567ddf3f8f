-- Puts failed records back to pending, some buckets a call and each bucket once a round. ARGV: id, round, buckets a call, 1 (all that failed) or 0,
-- then codes: with 0, those that failed or rejected with one of these.
-- A round that is over, or that a higher one has overtaken, changes nothing. Answers: records put back, more to do (1 or 0).
local round = tonumber(ARGV[2])
local noted = redis.call('HMGET', KEYS[1], 'retry', 'retryCursor')
local begun, cursor = tonumber(noted[1]) or 0, tonumber(noted[2]) or 0
if round < begun then
  return {0, 0}
elseif round > begun then
  cursor = 0
  redis.call('HSET', KEYS[1], 'retry', ARGV[2], 'retried', 0)
end

local all, codes = ARGV[4] == '1', {}
for i = 5, #ARGV do
  codes[codeNumber(ARGV[i])] = true
end

local function putBack(record)
  if has(record, 'n') then
    count('noAck', -1)
  end
  local silent = has(record, 'n') or record.code == codeNumber('NotInstalled')
  record.flags = string.gsub(record.flags, '[nt]', '') .. (silent and '' or 't')
  move(record, 'p')
  count('putBack', record.attempt > 0 and 1 or 0)
end

local changed, last = 0, math.min(buckets, cursor + tonumber(ARGV[3]))
while cursor < last do
  local bucket = KEYS[2] .. cursor
  local entries = redis.call('HGETALL', bucket)
  for i = 1, #entries, 2 do
    local record = read(bucket, entries[i], entries[i + 1])
    if (all and record.state == 'f') or (not all and record.code > 0 and codes[record.code]) then
      putBack(record)
      redis.call('HSET', bucket, entries[i], format(record))
      changed = changed + 1
    end
  end
  cursor = cursor + 1
end
redis.call('HSET', KEYS[1], 'retryCursor', cursor)
redis.call('HINCRBY', KEYS[1], 'retried', changed)
if cursor == buckets then
  redis.call('HSET', KEYS[1], 'retryDone', ARGV[2])
end
writeCounters()
return {changed, cursor < buckets and 1 or 0}
