-- Marks whoever was told and has neither installed nor rejected it as one that is to forget it, some buckets a call, going on where the last call stopped.
-- ARGV: id, buckets a call. Answers: records marked, more to do (1 or 0). Nobody may be told any more by then: what is open has been ended.
local bucket = tonumber(redis.call('HGET', KEYS[1], 'marked') or nil) or 0
local last = math.min(buckets, bucket + tonumber(ARGV[2]))
local changed = 0
while bucket < last do
  local key = KEYS[2] .. bucket
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local record = read(key, entries[i], entries[i + 1])
    local told = record.attempt > 0 or record.state == 'r' or record.state == 'd'
    if told and record.state ~= 'j' and not string.find(record.flags, '[icgh]') then
      record.flags = record.flags .. 'c'
      count('cancelling', 1)
      redis.call('HSET', key, entries[i], format(record))
      changed = changed + 1
    end
  end
  bucket = bucket + 1
end
redis.call('HSET', KEYS[1], 'marked', bucket)
writeCounters()
return {changed, bucket < buckets and 1 or 0}
