-- A pace and Redis time, read together. KEYS: pace. Answers: now (µs), then the fields.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local pace = redis.call('HMGET', KEYS[1], 'id', 'content', 'owner', 'startedAt', 'open', 'rate', 'notAfter', 'supervised')
return {now, unpack(pace, 1, 8)}
