-- Lets a pace expire; one that expires already keeps its time. KEYS: pace. ARGV: id, ms to keep (0 = for good after all).
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
  return 1
elseif ARGV[2] == '0' then
  redis.call('PERSIST', KEYS[1])
elseif redis.call('PTTL', KEYS[1]) == -1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
