-- All orders by campaign, and the number of their last change, as one picture. KEYS: orders, seq.
local seq = tonumber(redis.call('GET', KEYS[2]) or nil)
return {string.format('%.0f', seq or 0), redis.call('HGETALL', KEYS[1])}
