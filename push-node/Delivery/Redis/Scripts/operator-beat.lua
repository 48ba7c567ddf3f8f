-- The leading operator's sign of life. KEYS: operator.
local time = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', time[1] * 1000000 + time[2]))
return 1
