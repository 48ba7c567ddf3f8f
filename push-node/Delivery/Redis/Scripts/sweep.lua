-- Fails what waited too long for installed, and marks what was sent and has had no answer for long. ARGV: id, first bucket, buckets a call,
-- how long that is (ms; 0 = not marked). Answers: records changed, where to go on (-1 = done).
local bucket, last = tonumber(ARGV[2]), math.min(buckets, tonumber(ARGV[2]) + tonumber(ARGV[3]))
local silence = tonumber(ARGV[4])
local changed = 0
while bucket < last do
  local key = KEYS[2] .. bucket
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local record = read(key, entries[i], entries[i + 1])
    if record.state == 'r' and now >= record.ms then
      fail(entries[i], record, 'f', 'NotInstalled')
      redis.call('HSET', key, entries[i], format(record))
      changed = changed + 1
    elseif record.state == 's' and silence > 0 and now >= record.ms + silence and not has(record, 'o') then
      record.flags = record.flags .. 'o'
      count('unanswered', 1)
      redis.call('HSET', key, entries[i], format(record))
      changed = changed + 1
    end
  end
  bucket = bucket + 1
end
writeCounters()
return {changed, bucket < buckets and bucket or -1}
