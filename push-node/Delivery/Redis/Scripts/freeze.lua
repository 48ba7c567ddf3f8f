-- Marks the shard's set of targets as complete. ARGV: id.
redis.call('HSET', KEYS[1], 'frozen', 1)
return 1
