-- The beats of the nodes that live; those long dead are cleared away, and so is what is no beat: a node that lives beats again. KEYS: nodes. ARGV: dead after (µs), cleared after (µs).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local entries = redis.call('HGETALL', KEYS[1])
local live = {}
for i = 1, #entries, 2 do
  local at, beat = string.match(entries[i + 1], '^(%d+)|(.*)$')
  local age = at and now - tonumber(at) or math.huge
  if age <= tonumber(ARGV[1]) then
    live[#live + 1] = beat
  elseif age > tonumber(ARGV[2]) then
    redis.call('HDEL', KEYS[1], entries[i])
  end
end
return live
