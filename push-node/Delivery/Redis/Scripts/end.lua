-- Ends open records, some buckets a call, going round from where the last call stopped. ARGV: id, from which states, to which state, buckets a call.
-- The cap leaves alone what a retry has put back: that has its share of it. Answers: records changed, more to do (1 or 0).
local from, to = ARGV[2], ARGV[3]
local counters = redis.call('HMGET', KEYS[1], 'pending', 'inFlight', 'cursor', 'putBack')
local spared = to == 'u' and (tonumber(counters[4]) or 0) or 0
local left = tonumber(counters[1]) - spared + (from ~= 'p' and tonumber(counters[2]) or 0)
local cursor = tonumber(counters[3]) or 0
local changed = 0
for _ = 1, math.min(tonumber(ARGV[4]), buckets) do
  if left == 0 then
    break
  end
  local bucket = KEYS[2] .. (cursor % buckets)
  local entries = redis.call('HGETALL', bucket)
  for i = 1, #entries, 2 do
    local record = read(bucket, entries[i], entries[i + 1])
    if string.find(from, record.state, 1, true) and not (to == 'u' and record.attempt > 0) then
      move(record, to)
      redis.call('HSET', bucket, entries[i], format(record))
      changed = changed + 1
      left = left - 1
    end
  end
  cursor = (cursor + 1) % buckets
end
redis.call('HSET', KEYS[1], 'cursor', cursor)
writeCounters()
return {changed, left > 0 and 1 or 0}
