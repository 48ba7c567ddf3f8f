-- The pods told to drain and since when, after the present time (µs). KEYS: drain.
local time = redis.call('TIME')
local reply = redis.call('HGETALL', KEYS[1])
table.insert(reply, 1, string.format('%.0f', time[1] * 1000000 + time[2]))
return reply
