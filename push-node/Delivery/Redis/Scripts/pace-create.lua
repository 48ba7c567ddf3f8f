-- Makes a ledger's pace, the gate closed, if there is none. KEYS: pace.
-- ARGV: id, content hash, owner, rate (empty = no limit), not after (ms), supervised (1 or 0), a dry run (1 or 0).
-- Answers what stands: id, content hash, owner, started at (µs), whole (1 once all headers were made: from then on a missing one is a loss).
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'content', ARGV[2], 'owner', ARGV[3], 'rate', ARGV[4], 'notAfter', ARGV[5],
    'supervised', ARGV[6], 'dry', ARGV[7], 'supervisedUntil', 0, 'open', 0, 'whole', 0, 'startedAt', string.format('%.0f', time[1] * 1000000 + time[2]))
end
return redis.call('HMGET', KEYS[1], 'id', 'content', 'owner', 'startedAt', 'whole')
