-- A pace and Redis time, read together. KEYS: pace. Answers: now (µs), then the fields; where no pace stands or something else does, none of them.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local pace = redis.pcall('HMGET', KEYS[1], 'id', 'content', 'owner', 'startedAt', 'open', 'rate', 'notAfter', 'supervised', 'dry', 'catchUp')
if pace.err then
  pace = {false, false, false, false, false, false, false, false, false, false}
end
return {now, unpack(pace, 1, 10)}
