-- A node's sign of life. KEYS: nodes, seq, operator. ARGV: node, beat as JSON. Answers: seq, when the operator last beat (or nil), now.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('HSET', KEYS[1], ARGV[1], now .. '|' .. ARGV[2])
local operator = tonumber(redis.call('GET', KEYS[3]) or nil)
local seq = tonumber(redis.call('GET', KEYS[2]) or nil)
return {string.format('%.0f', seq or 0), operator and string.format('%.0f', operator) or false, now}
