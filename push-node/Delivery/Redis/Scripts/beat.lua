-- A node's sign of life. KEYS: nodes, seq, operator, drain. ARGV: node, beat as JSON, pod. Answers: seq, when the operator last beat (or nil), now, 1 when the pod is told to drain.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
redis.call('HSET', KEYS[1], ARGV[1], now .. '|' .. ARGV[2])
local operator = tonumber(redis.call('GET', KEYS[3]) or nil)
local seq = tonumber(redis.call('GET', KEYS[2]) or nil)
-- A list that is none tells nobody, and the operator names it: it must not hold up the beats.
local told = redis.pcall('HEXISTS', KEYS[4], ARGV[3])
return {string.format('%.0f', seq or 0), operator and string.format('%.0f', operator) or false, now, told == 1 and 1 or 0}
