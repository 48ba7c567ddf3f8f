-- Makes a shard's header if there is none. KEYS: header. ARGV: id, content hash, owner, started at (µs), buckets, quota (empty = no cap).
-- Answers the id that stands.
local id = redis.call('HGET', KEYS[1], 'id')
if id then
  return id
end
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'content', ARGV[2], 'owner', ARGV[3], 'startedAt', ARGV[4], 'buckets', ARGV[5], 'quota', ARGV[6],
  'claimed', 0, 'frozen', 0, 'targeted', 0, 'pending', 0, 'inFlight', 0, 'delivered', 0, 'failed', 0, 'rejected', 0, 'expired', 0,
  'suppressed', 0, 'resends', 0, 'caughtUp', 0, 'installed', 0, 'failedLater', 0, 'noAck', 0, 'unanswered', 0, 'rehearsed', 0, 'putBack', 0)
return ARGV[1]
