-- Fails what waited too long for installed. ARGV: id, first bucket, buckets a call. Answers: records changed, where to go on (-1 = done).
local bucket, last = tonumber(ARGV[2]), math.min(buckets, tonumber(ARGV[2]) + tonumber(ARGV[3]))
local changed = 0
while bucket < last do
  local key = KEYS[2] .. bucket
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local record = read(key, entries[i], entries[i + 1])
    if record.state == 'r' and now >= record.ms then
      move(record, 'f')
      redis.call('HSET', key, entries[i], format(record))
      note(entries[i], 'failed', 'NotInstalled')
      changed = changed + 1
    end
  end
  bucket = bucket + 1
end
writeCounters()
return {changed, bucket < buckets and bucket or -1}
