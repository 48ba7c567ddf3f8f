-- Marks a tombstone as one of a revision that goes on, unless it tells of a later end. KEYS: done. ARGV: field, round of the retry that goes on, the tombstone so marked.
-- Answers whether it stands so (1 or 0).
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or (tonumber(cjson.decode(text).retry) or 0) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
