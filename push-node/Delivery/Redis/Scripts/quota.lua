-- A shard's part in one move of shares of the cap. ARGV: id, number of the move, quota, step.
--   lower  takes part in a move whose number is above all that the shard has seen; never up, and never below what is claimed
--   raise  is for the move that the shard takes part in and no other: one that was overtaken, or whose mover sleeps, changes nothing any more
-- Answers the quota that stands, nil where the shard refuses.
local number, quota = tonumber(ARGV[2]), tonumber(ARGV[3])
local last = tonumber(redis.call('HGET', KEYS[1], 'move')) or 0
if ARGV[4] == 'lower' then
  if number <= last then
    return false
  end
  quota = math.min(quota, tonumber(header[3]))
elseif number ~= last then
  return false
end
quota = math.max(quota, tonumber(header[4]))
redis.call('HSET', KEYS[1], 'quota', string.format('%.0f', quota), 'move', string.format('%.0f', number))
return quota
