-- Sets the shard's share of the cap, never below what it has claimed. ARGV: id, quota. Answers the quota that stands.
local quota = math.max(tonumber(ARGV[2]), tonumber(header[4]))
redis.call('HSET', KEYS[1], 'quota', string.format('%.0f', quota))
return quota
