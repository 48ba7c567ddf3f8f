-- Lets a pace expire; one that expires already keeps its time. KEYS: pace. ARGV: id, ms to keep.
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] and redis.call('PTTL', KEYS[1]) == -1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
