-- Lets some buckets, and with the last ones header and failures, expire. ARGV: id, first bucket, buckets a call, ms to keep (0 = for good after all).
-- What expires already keeps its time. Answers where to go on (-1 = done).
local function expire(key)
  if ARGV[4] == '0' then
    redis.call('PERSIST', key)
  elseif redis.call('PTTL', key) == -1 then
    redis.call('PEXPIRE', key, ARGV[4])
  end
end
local bucket, last = tonumber(ARGV[2]), math.min(buckets, tonumber(ARGV[2]) + tonumber(ARGV[3]))
while bucket < last do
  expire(KEYS[2] .. bucket)
  bucket = bucket + 1
end
if bucket < buckets then
  return bucket
end
expire(KEYS[3])
expire(KEYS[1])
return -1
