-- Makes the list of pods told to drain exactly this one; who stands in it keeps its time. KEYS: drain. ARGV: how long the list lasts (ms), pods. Answers 1 when it changed.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
local told = {}
local changes = 0
for i = 2, #ARGV do
  told[ARGV[i]] = true
  changes = changes + redis.call('HSETNX', KEYS[1], ARGV[i], now)
end
for _, pod in ipairs(redis.call('HKEYS', KEYS[1])) do
  if not told[pod] then
    changes = changes + redis.call('HDEL', KEYS[1], pod)
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return changes > 0 and 1 or 0
