-- Moves supervisedUntil forward. KEYS: pace. ARGV: id, ms ahead. Answers 1, or nil where the ledger is lost.
local pace = redis.call('HMGET', KEYS[1], 'id', 'supervisedUntil')
if pace[1] ~= ARGV[1] then
  return false
end
local time = redis.call('TIME')
local untilMs = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
if untilMs > (tonumber(pace[2]) or 0) then
  redis.call('HSET', KEYS[1], 'supervisedUntil', string.format('%.0f', untilMs))
end
return 1
